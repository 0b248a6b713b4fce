namespace RecursiveMas.Benchmarks;

/// <summary>A runtime that is compared: rows of token ids on caches of its own.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>Begins anew with empty caches.</summary>
    void Reset();

    /// <summary>Reads a prompt into each of some rows.</summary>
    /// <returns>The likeliest next token of each.</returns>
    int[] Read(int[] prompt, int rows);

    /// <summary>Reads one more token in each row.</summary>
    /// <returns>The likeliest next token of each.</returns>
    int[] Step(int[] tokens);
}
