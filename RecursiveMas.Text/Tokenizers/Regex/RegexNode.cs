using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

/// <summary>Syntax tree of a regular expression.</summary>
internal abstract record RegexNode
{
    public sealed record Set(CodePointSet Points) : RegexNode;

    public sealed record Sequence(IReadOnlyList<RegexNode> Parts) : RegexNode;

    public sealed record Alternation(IReadOnlyList<RegexNode> Options) : RegexNode;

    /// <summary>Maximum -1 means without limit.</summary>
    public sealed record Repeat(RegexNode Body, int Minimum, int Maximum, bool Greedy) : RegexNode;

    public sealed record Atomic(RegexNode Body) : RegexNode;

    public sealed record Look(RegexNode Body, bool Behind, bool Negative) : RegexNode;

    public sealed record Anchor(AnchorKind Kind) : RegexNode;
}

internal enum AnchorKind
{
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    WordBoundary,
    NotWordBoundary,
}
