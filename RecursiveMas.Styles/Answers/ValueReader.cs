using System.Globalization;

namespace RecursiveMas.Answers;

/// <summary>Reads the value behind a phrase, up to where the writer goes on to say something else. Prose is no value.</summary>
internal static class ValueReader
{
    private const int MostWords = 3, MostUnits = 4;

    /// <summary>Words in front of a value that add nothing to it.</summary>
    private static readonly HashSet<string> s_introductions = Set("exactly simply just equal to the a an number value interval set point pair fraction integer ratio total of only therefore thus hence indeed then now also following");

    private static readonly HashSet<string> s_verbs = Set("is are was were equals");

    private static readonly HashSet<string> s_approximations = Set("approximately about roughly around approx nearly");

    /// <summary>With these the writer goes on to something else.</summary>
    private static readonly HashSet<string> s_ends = Set(
        "because since as for so which that where when given due but though although hence therefore thus after from using with who whose is are was were not i.e e.g left remaining altogether total each "
        + "we this it he she they there here see i at on into within via namely while such indeed");

    /// <summary>With these what was said is no commitment.</summary>
    private static readonly HashSet<string> s_conditions = Set("if unless assuming provided maybe perhaps probably possibly depending than");

    /// <summary>Words that join two values, and end one where no other follows.</summary>
    private static readonly HashSet<string> s_joints = Set("and or to by of in times plus minus over out through");

    private static readonly HashSet<string> s_numbers = Set("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million");

    private static readonly HashSet<string> s_functions = Set("pi infinity sin cos tan cot sec csc arcsin arccos arctan log ln exp sqrt gcd lcm max min det");

    /// <summary>Words that are answers by themselves.</summary>
    private static readonly HashSet<string> s_known = Set("yes no true false even odd none undefined infinity infinite solution solutions real all numbers reals impossible both never always");

    /// <summary>Words with which an answer in words does not begin.</summary>
    private static readonly HashSet<string> s_excuses = Set(
        "i we you it he she they this that these those there here what how why see let to if since because step part case question problem explanation first given not unknown unclear undetermined "
        + "indeterminate cannot can't could depends pending tbd n/a as above below based by for now none in at on your insert single integer number");

    /// <summary>Words with which a sentence commits to nothing, or speaks of another place.</summary>
    private static readonly HashSet<string> s_doubts = Set("cannot can't not unknown unclear undetermined depends could might may either between step part section see");

    /// <summary>Words with which a sentence begins that is still on its way to the answer.</summary>
    private static readonly HashSet<string> s_openers = Set("let to since first suppose note consider given because if we step recall from using by when as");

    /// <summary>What stands at a place; empty if nothing does, null if it is no value.</summary>
    /// <param name="said">The text.</param>
    /// <param name="at">Where the value begins, white space and marks before it included.</param>
    /// <param name="labelled">Whether it stands alone behind a label or below a heading, so that words may be values and sentences are searched.</param>
    public static string? Read(string said, int at, bool labelled)
    {
        bool cell = at > 0 && said[at - 1] == '|';
        int start = SkipOpening(said, at, cell);
        if (start < 0)
            return null;
        if (start == said.Length || (said[start] == '|' && cell) || (said[start] == '<' && start + 1 < said.Length && said[start + 1] == '/'))
            return "";
        if (said[start] == '<' && start + 1 < said.Length && char.IsAsciiLetter(said[start + 1]))
            return null;
        if (ValueSentence.Read(said, start, cell) is not { Count: > 0 } sentence)
            return null;
        return (Value(sentence, 0) ?? InWords(sentence, 0, labelled) ?? (labelled ? InSentence(sentence) : null)) is { } value && !Placeholders.Contains(value) ? value : null;
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);

    /// <summary>Where the value begins; -1 where a list begins.</summary>
    private static int SkipOpening(string said, int at, bool cell)
    {
        while (at < said.Length)
        {
            bool lineStart = at > 0 && said[at - 1] == '\n';
            if (said[at] is '\n' or '\r' && cell)
                return said.Length;
            if (lineStart && Rule(said, at) is { } ruled)
                at = ruled;
            else if (lineStart && ListItem.Length(said, at) is > 0 and int marker)
                return ListItem.StandsAlone(said, at) ? SkipOpening(said, at + marker, cell) : -1;
            else if (char.IsWhiteSpace(said[at]) || said[at] is '*' or '`' or '"' or '“' or '‘' or '\'' or '_' or ':' or '：' or '}' || (lineStart && said[at] is '>' or '#'))
                at++;
            else
                break;
        }

        return at;
    }

    /// <summary>End of a line that only underlines the heading above it.</summary>
    private static int? Rule(string said, int at)
    {
        int end = at;
        while (end < said.Length && said[end] is '-' or '=')
            end++;
        return end - at > 2 && (end == said.Length || said[end] is '\n' or '\r') ? end : null;
    }

    /// <summary>A value that begins at a token, in numbers and formulas, with its unit.</summary>
    private static string? Value(ValueSentence sentence, int from)
    {
        while (from < sentence.Count && s_introductions.Contains(Word(sentence[from])) && (!IsFormula(sentence[from]) || IsArticle(sentence, from)))
            from++;
        int first = from < sentence.Count && (s_approximations.Contains(Word(sentence[from])) || IsSign(sentence[from])) ? from + 1 : from;
        if (first >= sentence.Count || !IsFormula(sentence[first]))
            return null;
        int end = first + 1, units = 0;
        for (; end < sentence.Count && !EndsBefore(sentence, first, end); end++)
        {
            if (IsFormula(sentence[end]) || s_joints.Contains(Word(sentence[end])))
                units = 0;
            else if (++units > MostUnits)
                return null;
        }

        if (end < sentence.Count && (s_conditions.Contains(Word(sentence[end])) || s_verbs.Contains(Word(sentence[end])) || IsRejected(sentence, end)))
            return null;
        return sentence.Text(from, end) is { Length: > 0 } value ? value : null;
    }

    /// <summary>"A total of 12" begins with an article, "A and B" does not.</summary>
    private static bool IsArticle(ValueSentence sentence, int token) =>
        sentence[token] is "A" && token + 1 < sentence.Count && !IsFormula(sentence[token + 1])
        && (s_introductions.Contains(Word(sentence[token + 1])) || !(s_joints.Contains(Word(sentence[token + 1])) || s_ends.Contains(Word(sentence[token + 1]))));

    private static bool IsSign(ReadOnlySpan<char> token) => token is "-" or "−" or "+";

    /// <summary>"..., which is wrong".</summary>
    private static bool IsRejected(ValueSentence sentence, int token) =>
        token + 2 < sentence.Count && Word(sentence[token]) is "which" or "that" && Word(sentence[token + 1]) == "is" && Word(sentence[token + 2]) is "wrong" or "incorrect" or "not";

    private static bool EndsBefore(ValueSentence sentence, int first, int token)
    {
        ReadOnlySpan<char> before = sentence[token - 1], here = sentence[token];
        string word = Word(here);
        bool isWord = !IsFormula(here), last = token + 1 == sentence.Count;
        bool ratio = (here is ":" && !last && IsFormula(sentence[token + 1])) || before is ":";
        if (ratio)
            return false;
        if (before[^1] == ':' || (isWord && here[^1] == ':') || (IsOrnament(here) && (last || !IsFormula(sentence[token + 1]))) || (isWord && (s_ends.Contains(word) || s_conditions.Contains(word))))
            return true;
        if (word == "and" && !last && Word(sentence[token + 1]) == "a")
            return false;
        if (s_joints.Contains(word))
            return last ? word is not ("in" or "times") : !((IsFormula(sentence[token + 1]) && (word != "in" || sentence[token + 1][0] is '(' or '[' or '{' or '\\' or '$')) || (word == "out" && token + 2 < sentence.Count && IsFormula(sentence[token + 2])));
        if (here is "-" or "–" or "—" or "--")
            return last || !IsFormula(sentence[token + 1]);
        bool remark = here[0] == '(' && here.Length > 2 && char.IsLetter(here[1]) && char.IsLetter(here[2]) && !here.StartsWith("(mod") && !here.StartsWith("(base");
        return remark || (isWord && before[^1] == ',');
    }

    /// <summary>A value in words: a name, a date, "yes", "no solution"; behind a label any few words.</summary>
    private static string? InWords(ValueSentence sentence, int from, bool labelled)
    {
        if (from >= sentence.Count)
            return null;
        string first = Word(sentence[from]);
        if (sentence[from][0] is '[' or '<')
            return null;
        int end = from;
        bool known = true, dated = true;
        for (; end < sentence.Count && !s_ends.Contains(Word(sentence[end])) && sentence[end][0] != '(' && !IsOrnament(sentence[end]); end++)
        {
            string word = Word(sentence[end]);
            bool formula = IsFormula(sentence[end]);
            if (end > from && (known || (!formula && !labelled)) && sentence[end - 1][^1] == ',')
                break;
            known &= !formula && (s_known.Contains(word) || IsNumber(word) || (end > from && IsNumber(first)));
            dated &= formula == end > from;
            if (s_conditions.Contains(word) || s_excuses.Contains(word) || (formula && !dated))
                return null;
        }

        bool whole = end == sentence.Count, remark = !whole && !s_verbs.Contains(Word(sentence[end]));
        bool cut = first is "no" or "all" or "both" or "one" && (first == "one" ? end > from + 1 : remark && sentence[end - 1][^1] != ',');
        if (end == from || end > from + MostWords || !(whole || remark) || cut)
            return null;
        bool name = !s_introductions.Contains(first) && !s_joints.Contains(first) && sentence[from].TrimStart("*_\"'“`") is [>= 'A' and <= 'Z', ..];
        return known || name || (labelled && whole && !IsFormula(sentence[end - 1]) && first.Length > 0) ? sentence.Text(from, end) : null;
    }

    /// <summary>The value in a sentence behind a label: behind its verb, else its only formula, else the only one in bold.</summary>
    private static string? InSentence(ValueSentence sentence)
    {
        if (s_openers.Contains(Word(sentence[0])))
            return null;
        int copula = -1, copulas = 0;
        var formulas = new List<(int Start, int End)>();
        for (int token = 0; token < sentence.Count; token++)
        {
            string word = Word(sentence[token]);
            bool formula = IsFormula(sentence[token]), goesOn = token > 0 && IsFormula(sentence[token - 1]);
            if (s_doubts.Contains(word) || s_conditions.Contains(word))
                return null;
            if (s_verbs.Contains(word) || (sentence[token] is "=" && !goesOn))
                (copula, copulas) = (token, copulas + 1);
            else if (formula && goesOn && formulas.Count > 0)
                formulas[^1] = (formulas[^1].Start, token + 1);
            else if (formula)
                formulas.Add((token > 0 && IsSign(sentence[token - 1]) ? token - 1 : token, token + 1));
        }

        if (copulas > 1)
            return null;
        if (copulas == 1 && (Value(sentence, copula + 1) ?? InWords(sentence, copula + 1, labelled: false)) is { } value)
            return value;
        if (formulas.Count > 1)
            formulas.RemoveAll(formula => !sentence[formula.Start].StartsWith("**"));
        return formulas is [(int start, int end)] && sentence.Text(start, end).AsSpan().ContainsAnyInRange('0', '9') ? sentence.Text(start, end) : null;
    }

    private static bool IsNumber(string word) => s_numbers.Contains(word) || (word.Split('-') is [var tens, var ones] && s_numbers.Contains(tens) && s_numbers.Contains(ones));

    /// <summary>Whether a token says nothing: dots, an emoji.</summary>
    private static bool IsOrnament(ReadOnlySpan<char> token)
    {
        foreach (char letter in token.TrimEnd(','))
        {
            if (letter != '.' && char.GetUnicodeCategory(letter) is not (UnicodeCategory.OtherSymbol or UnicodeCategory.Surrogate or UnicodeCategory.NonSpacingMark))
                return false;
        }

        return token.Length > 1 || token[0] > 'z';
    }

    /// <summary>A token as a word in small letters, without marks.</summary>
    private static string Word(ReadOnlySpan<char> token)
    {
        token = token.Trim("*_`\"'“”‘’,.:;");
        return token.Length is 0 or > 16 ? "" : token.ToString().ToLowerInvariant();
    }

    /// <summary>Whether a token is a number, a formula or one letter of one, rather than a word.</summary>
    private static bool IsFormula(ReadOnlySpan<char> token)
    {
        if (token.StartsWith(".."))
            return true;
        token = token.Trim("*_`\"'“”‘’,.:;");
        if (token.Length == 1 && char.IsAsciiLetter(token[0]))
            return token[0] is not ('a' or 'I');
        if (s_functions.Contains(token.ToString()))
            return true;
        if (token is ['(' or '[', ..] && IsRemark(token))
            return false;
        bool letters = false;
        for (int at = 0; at < token.Length; at++)
        {
            if (char.IsAsciiDigit(token[at]) || token[at] is '\\' or '$' or '=' or '^' or '+' or '<' or '>' or '(' or '[' or '{' or '%' || char.GetUnicodeCategory(token[at])
                is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol)
                return true;
            letters |= at > 0 && char.IsLetter(token[at]) && char.IsLetter(token[at - 1]);
        }

        return !letters && token.Length > 0 && token.ContainsAny("/*-−") && token is not ("-" or "--");
    }

    /// <summary>Whether brackets hold words rather than numbers or formulas: "(see above)".</summary>
    private static bool IsRemark(ReadOnlySpan<char> token)
    {
        if (token.ContainsAnyInRange('0', '9') || token.ContainsAny('\\', '$'))
            return false;
        for (int at = 0; at < token.Length;)
        {
            int end = at;
            while (end < token.Length && char.IsLetter(token[end]))
                end++;
            if (end - at > 1 && !s_functions.Contains(token[at..end].ToString()))
                return true;
            at = Math.Max(end, at + 1);
        }

        return false;
    }
}
