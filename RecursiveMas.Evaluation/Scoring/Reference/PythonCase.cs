using System.Text;

namespace RecursiveMas.Scoring.Reference;

/// <summary>Letters as Python sees them.</summary>
internal static class PythonCase
{
    /// <summary>lower(): the dotted capital I becomes two characters, and a capital sigma that ends a word its final form.</summary>
    public static string Lower(string text)
    {
        var small = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u0130')
                small.Append("i\u0307");
            else if (text[i] == '\u03a3')
                small.Append(i > 0 && char.IsLetter(text[i - 1]) && !(i + 1 < text.Length && char.IsLetter(text[i + 1])) ? '\u03c2' : '\u03c3');
            else
                small.Append(text[i]);
        }

        return small.ToString().ToLowerInvariant();
    }
}
