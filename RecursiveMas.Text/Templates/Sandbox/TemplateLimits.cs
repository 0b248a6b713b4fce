namespace RecursiveMas.Templates.Sandbox;

/// <summary>What one template may cost. Generous for chats of any model, deadly for a template that tries to stall or fill the process.</summary>
internal static class TemplateLimits
{
    /// <summary>Longest source in characters; published templates have up to about 20,000.</summary>
    public const int SourceLength = 1 << 18;

    /// <summary>Deepest nesting of one expression.</summary>
    public const int ExpressionDepth = 200;

    /// <summary>Deepest nesting of statements.</summary>
    public const int StatementDepth = 60;

    /// <summary>Deepest nesting of a value that is printed, compared or hashed, about that of Python.</summary>
    public const int ValueDepth = 1000;

    /// <summary>Deepest nesting of macro, block and recursive loop calls.</summary>
    public const int CallDepth = 150;

    /// <summary>Deepest nesting of input values.</summary>
    public const int InputDepth = 100;

    /// <summary>Steps of parsing: only names in nested branches cost any.</summary>
    public const long ParseSteps = 4_000_000;

    /// <summary>Steps of a rendering, before <see cref="StepsPerInputCharacter"/> adds to them.</summary>
    public const long Steps = 2_000_000;

    /// <summary>Steps that each character of the input adds.</summary>
    public const long StepsPerInputCharacter = 16;

    /// <summary>Bytes that a rendering may allocate for values and output, before <see cref="BytesPerInputCharacter"/> adds to them.</summary>
    public const long Bytes = 32L << 20;

    /// <summary>Bytes that each character of the input adds: a template may copy its input some hundred times.</summary>
    public const long BytesPerInputCharacter = 1024;

    /// <summary>Longest range, as in Jinja's sandbox.</summary>
    public const long RangeLength = 100_000;

    /// <summary>Largest integer in bits: enough for every one that can be printed.</summary>
    public const long IntegerBits = 16_384;

    /// <summary>Most digits of a printed integer, as in Python.</summary>
    public const int IntegerDigits = 4300;
}
