using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What a program must pass.</summary>
public abstract record CodeTests
{
    private protected CodeTests()
    {
    }

    /// <summary>Number of tests that results report.</summary>
    public abstract int Count { get; }
}

/// <summary>A script of assertions that runs behind the program, as in MBPP+.</summary>
/// <param name="Script">The script, Python.</param>
/// <param name="Count">Number of tests that results report, at least 1.</param>
public sealed record AssertionTests(string Script, int Count = 1) : CodeTests
{
    /// <summary>The script, Python.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Script { get; init => field = Given.NotNull(value, nameof(Script)); } = Given.NotNull(Script);

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionException">The value is below 1.</exception>
    public override int Count { get; } = Given.AtLeast(1, Count, nameof(Count));

    /// <summary>
    /// The function that the script calls; null if it is not known. The script may use further names of the program, but, where the function is known, none
    /// that the imports before every script have too ("count" of itertools), and none of Python's own functions.
    /// </summary>
    public string? FunctionName { get; init; }
}

/// <summary>Inputs and the outputs that a program must give for them, as in LiveCodeBench.</summary>
/// <param name="Cases">The cases, in order.</param>
/// <param name="FunctionName">
/// The function, or method of a class Solution, that is called with the JSON values of each input; null for a program that reads standard input.
/// </param>
public sealed record InputOutputTests(IReadOnlyList<InputOutputCase> Cases, string? FunctionName = null) : CodeTests
{
    /// <summary>The cases, in order.</summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<InputOutputCase> Cases { get; init => field = Given.AllNotNull(value, nameof(Cases)); } = Given.AllNotNull(Cases, nameof(Cases));

    /// <summary>
    /// Reads further cases, which are tried behind <see cref="Cases"/>. They can be large, and are read whenever a program is tried. Null if there are none.
    /// May throw <see cref="DataSetException"/>. Default: null.
    /// </summary>
    public Func<IReadOnlyList<InputOutputCase>>? Hidden { get; init; }

    /// <summary>Number of <see cref="Cases"/>; verdicts count the further ones too.</summary>
    public override int Count => Cases.Count;
}

/// <summary>One input and its output.</summary>
/// <param name="Input">What the program reads, or one JSON value per line for each argument of the function.</param>
/// <param name="Output">What the program must write, or the JSON value that the function must return.</param>
public sealed record InputOutputCase(string Input, string Output);
