namespace RecursiveMas.Templates.Values;

/// <summary>A value that is neither none, text, number nor boolean.</summary>
internal interface IPyObject
{
    /// <summary>The type's name as Python's messages write it.</summary>
    string TypeName { get; }
}

/// <summary>A value that knows its length and hands out its items itself.</summary>
internal interface IPyIterable : IPyObject
{
    long Length { get; }

    /// <summary>What has not been handed out yet.</summary>
    IEnumerable<object?> Rest();
}
