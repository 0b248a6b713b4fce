using RecursiveMas.Algebra;

namespace RecursiveMas.Latex;

internal enum TokenKind
{
    /// <summary>Behind the last one.</summary>
    End,
    Number,
    Letter,

    /// <summary>A command with its backslash.</summary>
    Command,

    /// <summary>A word that stands for a unit.</summary>
    Unit,
    Symbol,
}

/// <summary>A piece of a formula.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it is written; of a command with its backslash, of a word in its normal form.</param>
/// <param name="Value">The value of a number.</param>
internal readonly record struct MathToken(TokenKind Kind, string Text, Rational Value = default)
{
    public bool Is(string symbol) => Kind is TokenKind.Symbol or TokenKind.Command && Text == symbol;
}
