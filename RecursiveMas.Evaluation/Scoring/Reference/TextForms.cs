using System.Text;
using System.Text.RegularExpressions;
using RecursiveMas.Shared;

namespace RecursiveMas.Scoring.Reference;

/// <summary>The normal forms of texts of the reference implementation.</summary>
internal static partial class TextForms
{
    /// <summary>Small letters, no punctuation, no articles.</summary>
    public static string Words(string text)
    {
        var kept = new StringBuilder();
        foreach (Rune rune in PythonCase.Lower(text).EnumerateRunes())
        {
            if (WordCharacter.Is(rune))
                kept.Append(rune);
            else
                kept.Append(' ');
        }

        return Collapse(Articles().Replace(kept.ToString(), " "));
    }

    /// <summary>Small letters, quotes and dashes of one kind.</summary>
    public static string Lower(string text)
    {
        var plain = new StringBuilder(PythonCase.Lower(text));
        for (int i = 0; i < plain.Length; i++)
        {
            plain[i] = plain[i] switch
            {
                '\u2018' or '\u2019' => '\'',
                '\u201c' or '\u201d' => '"',
                >= '\u2010' and <= '\u2015' or '\u2212' => '-',
                var other => other,
            };
        }

        return Collapse(plain.ToString());
    }

    private static string Collapse(string text) => TextTrim.Both(Spaces().Replace(text, " "));

    // As with Python's \b, letters and digits of all scripts are word characters, marks are not.
    [GeneratedRegex(@"(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();

    [GeneratedRegex(@"[\s\x1c-\x1f]+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
