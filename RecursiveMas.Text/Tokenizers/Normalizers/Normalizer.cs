using RecursiveMas.Tokenizers.Mapping;

namespace RecursiveMas.Tokenizers.Normalizers;

/// <summary>Rewrites text before it is cut into pieces. Immutable.</summary>
internal abstract class TextNormalizer
{
    /// <summary>Whether the text is certain to stay as it is, which saves copying it.</summary>
    public abstract bool LeavesAlone(ReadOnlySpan<char> text);

    public abstract void Apply(MappedText text);
}

internal sealed class SequenceNormalizer(IReadOnlyList<TextNormalizer> parts) : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text)
    {
        foreach (TextNormalizer part in parts)
        {
            if (!part.LeavesAlone(text))
                return false;
        }

        return true;
    }

    public override void Apply(MappedText text)
    {
        foreach (TextNormalizer part in parts)
            part.Apply(text);
    }
}
