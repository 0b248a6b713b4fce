namespace RecursiveMas.Answers;

/// <summary>The letters of the options that a question offers: A to D, and those that follow in the question's own list.</summary>
internal sealed class OfferedLetters
{
    private const int Usual = 4;

    private static readonly (char First, bool OwnLine)[] s_lists = [('A', true), ('a', true), ('A', false), ('a', false)];

    private readonly string _question;

    /// <summary>Where the text of each listed option begins.</summary>
    private readonly List<int> _texts;

    private OfferedLetters(string question, List<int> texts) => (_question, _texts) = (question, texts);

    /// <summary>Every letter, offered or not.</summary>
    public static OfferedLetters Any { get; } = new("", [.. Enumerable.Repeat(0, 26)]);

    /// <summary>Finds the options "A.", "(A)", "A)" or "A:" of a question, in order, on lines of their own or in one.</summary>
    public static OfferedLetters In(string question)
    {
        foreach ((char first, bool ownLine) in s_lists)
        {
            if (List(question, first, ownLine) is { Count: > 1 } texts)
                return new OfferedLetters(question, texts);
        }

        return new OfferedLetters(question, []);
    }

    public bool Has(char letter) => char.IsAsciiLetter(letter) && char.ToUpperInvariant(letter) - 'A' < Math.Max(Usual, _texts.Count);

    /// <summary>An offered letter in upper case; null for others.</summary>
    public char? Normalize(char letter) => Has(letter) ? char.ToUpperInvariant(letter) : null;

    /// <summary>Whether a text may be that of an option: true unless the question lists the option with other words.</summary>
    public bool MayRead(char letter, ReadOnlySpan<char> text)
    {
        int option = char.ToUpperInvariant(letter) - 'A';
        return option >= _texts.Count || _question.AsSpan(_texts[option]).TrimStart(" *}$\\").StartsWith(FirstWord(text), StringComparison.OrdinalIgnoreCase);
    }

    private static List<int> List(string question, char first, bool ownLine)
    {
        var texts = new List<int>();
        int from = 0;
        for (char letter = first; letter < first + 26 && Marker(question, letter, from, ownLine) is { } text; letter++)
        {
            texts.Add(text);
            from = text;
        }

        return texts;
    }

    private static int? Marker(string question, char letter, int from, bool ownLine)
    {
        for (int at = question.IndexOf(letter, from); at >= 0; at = question.IndexOf(letter, at + 1))
        {
            int mark = at + 1;
            while (mark < question.Length && question[mark] is '*' or '}')
                mark++;
            bool marked = mark < question.Length && question[mark] is '.' or ')' or ':' or ']' or '．' or '、';
            if (marked && (ownLine ? BeginsLine(question, at) : at == 0 || !char.IsLetterOrDigit(question[at - 1])))
                return mark + 1;
        }

        return null;
    }

    private static bool BeginsLine(string question, int at)
    {
        while (at > 0 && question[at - 1] is ' ' or '\t' or '*' or '(' or '[' or '-')
            at--;
        return at == 0 || question[at - 1] is '\n' or '\r';
    }

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && char.IsLetterOrDigit(text[end]))
            end++;
        return text[..end];
    }
}
