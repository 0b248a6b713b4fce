using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>A complete fenced block.</summary>
/// <param name="Language">Its language in small letters; empty if it names none.</param>
/// <param name="Code">What stands in it, without the indentation of its fence and without empty lines at the ends.</param>
internal sealed record FencedBlock(string Language, string Code);

/// <summary>
/// Finds fenced blocks as CommonMark does: fences of three or more backticks or tildes, closed by one that is no shorter; indented in lists and quotes.
/// Kinder than it to writers: a closing fence may end a line of code, a block that is opened anew was given up, and a block around a whole answer
/// is looked into.
/// </summary>
internal sealed class CodeFences
{
    private readonly string _text;
    private readonly List<FencedBlock> _blocks = [];
    private readonly List<string> _code = [];

    /// <summary>The block that is open, and its code up to here.</summary>
    private Opening? _open;

    private PythonStrings _strings = new();

    /// <summary>A block of Markdown around the whole answer.</summary>
    private Opening? _wrapper;

    /// <summary>A closing fence inside of a string of the open block: lines of code before it, and where the text goes on behind it.</summary>
    private (int Lines, int Next)? _quoted;

    private bool _stringsHide = true;

    private CodeFences(string text) => _text = text;

    /// <summary>A fence that opens a block.</summary>
    private readonly record struct Opening(char Mark, int Length, int Column, int Quotes, string Language);

    /// <summary>A line and where the next one begins.</summary>
    private readonly record struct Line(int Start, int End, int Next);

    public static List<FencedBlock> Read(string text)
    {
        var fences = new CodeFences(text);
        int at = 0;
        do
        {
            while (at < text.Length)
                at = fences.Take(LineAt(text, at));
            at = fences.Reopen();
        }
        while (at < text.Length);
        return fences._blocks;
    }

    /// <summary>Takes a line; returns where to go on.</summary>
    private int Take(Line line)
    {
        if (_open is { } block)
        {
            int content = SkipQuotes(_text, line, block.Quotes);
            if (content >= 0)
            {
                TakeCode(block, line, content);
                return line.Next;
            }

            // The quote in which the block stood has ended, and it with it.
            _open = null;
        }

        if (Opens(_text, line, null, out string? rest) is not { } opening)
            return line.Next;
        if (_wrapper is { } outer && opening.Language.Length == 0 && opening.Mark == outer.Mark && opening.Length >= outer.Length)
            _wrapper = null;
        else if (opening.Language is "markdown" or "md")
            _wrapper = opening;
        else
            Begin(opening, rest);
        return line.Next;
    }

    private void TakeCode(Opening block, Line line, int content)
    {
        bool hidden = _stringsHide && _strings.Inside, closes = Closes(_text, content, line.End, block);
        if (closes && !hidden)
        {
            End(_code);
            return;
        }

        if (closes)
            _quoted ??= (_code.Count, line.Next);
        else if (!hidden && Opens(_text, line, block, out string? rest) is { } anew)
        {
            Begin(anew, rest);
            return;
        }

        string row = Unindent(_text, content, line.End, block.Column);
        string? last = IsPython(block.Language) ? EndedBy(row, block, _strings) : null;
        _code.Add(last ?? row);
        if (last is not null)
            End(_code);
    }

    /// <summary>
    /// At the end of the text: where the string never ended in which a fence stood, that fence closed the block. Returns where to go on behind it; from
    /// there on strings hide no fences, so that this happens once.
    /// </summary>
    private int Reopen()
    {
        if (_open is null || _quoted is not { } fence)
            return _text.Length;
        End(_code[..fence.Lines]);
        _stringsHide = false;
        return fence.Next;
    }

    private void Begin(Opening opening, string? rest)
    {
        _open = opening;
        _quoted = null;
        _code.Clear();
        _strings = new PythonStrings();
        if (rest is { Length: > 0 })
        {
            _strings.Read(rest);
            _code.Add(rest);
        }
    }

    private void End(List<string> code)
    {
        string text = string.Join('\n', code).Trim('\n');
        if (text.Length > 0)
            _blocks.Add(new FencedBlock(_open!.Value.Language, text));
        _open = null;
    }

    /// <summary>Whether a language is Python, in any version, or is not named.</summary>
    public static bool IsPython(string language) => language.AsSpan().TrimEnd("0123456789.") is "" or "py" or "python" or "ipython";

    private static Line LineAt(string text, int at)
    {
        int end = text.IndexOf('\n', at), next = end < 0 ? text.Length : end + 1;
        end = end < 0 ? text.Length : end;
        return new Line(at, end > at && text[end - 1] == '\r' ? end - 1 : end, next);
    }

    /// <summary>The fence that a line opens; a block that is open is given up by a fence that is no shorter than its own and names a language.</summary>
    private static Opening? Opens(string text, Line line, Opening? within, out string? rest)
    {
        rest = null;
        int at = line.Start, column = 0, quotes = 0;
        while (at < line.End)
        {
            if (text[at] == ' ')
                column++;
            else if (text[at] == '\t')
                column += 4 - (column % 4);
            else if (within is null && text[at] == '>')
                (quotes, column) = (quotes + 1, -1);
            else if (within is null && MarkerLength(text, at, line.End) is > 0 and int marker)
                (at, column) = (at + marker - 1, column + marker);
            else
                break;
            at++;
        }

        if (within is null && FenceBehindProse(text, at, line.End) is { } late)
            (at, column) = (late, 0);
        int length = Run(text, at, line.End);
        if (length < 3)
            return null;
        string info = PythonText.Strip(text[(at + length)..line.End]);
        if (text[at] == '`' && info.Contains('`', StringComparison.Ordinal))
            return null;
        string language = PythonSource.StartsCode(info) ? "" : Language(ref info);
        var opening = new Opening(text[at], length, Math.Max(column, 0), quotes, language);
        rest = PythonSource.StartsCode(info) ? info : null;
        bool gaveUp = within is not { } block || (language.Length > 0 && block.Mark == opening.Mark && length >= block.Length && column <= block.Column + 3);
        return gaveUp ? opening : null;
    }

    /// <summary>A fence that names Python at the end of a line of prose; null if there is none.</summary>
    private static int? FenceBehindProse(string text, int at, int end)
    {
        if (at == end || text[at] is '`' or '~')
            return null;
        int fence = text.AsSpan(at, end - at).LastIndexOf(" ```") + 1;
        return fence > 0 && text.AsSpan(at + fence + 3, end - at - fence - 3).Trim() is "python" or "py" or "python3" ? at + fence : null;
    }

    /// <summary>The language of an info string ("python", "{.python .numbered}", "python:main.py"); the string keeps what stands behind it.</summary>
    private static string Language(ref string info)
    {
        int start = 0;
        while (start < info.Length && info[start] is '{' or '.' or ' ')
            start++;
        int end = start;
        while (end < info.Length && (char.IsAsciiLetterOrDigit(info[end]) || info[end] is '+' or '#' or '-' or '.' or '_'))
            end++;
        string language = info[start..end].ToLowerInvariant();
        info = PythonText.Strip(info[end..].TrimStart('}'));
        return language is "code-cell" or "code-block" ? Language(ref info) : language;
    }

    private static bool Closes(string text, int at, int end, Opening block)
    {
        int column = 0;
        for (; at < end && text[at] is ' ' or '\t'; at++)
            column += text[at] == '\t' ? 4 - (column % 4) : 1;
        int length = Run(text, at, end);
        return column <= block.Column + 3 && length >= block.Length && text[at] == block.Mark && text.AsSpan(at + length, end - at - length).IsWhiteSpace();
    }

    /// <summary>The code of a line that ends with a fence, which Python itself never does; null if it does not.</summary>
    private static string? EndedBy(string row, Opening block, PythonStrings strings)
    {
        string code = row.TrimEnd(), bare = code.TrimEnd(block.Mark);
        bool fenced = code.Length - bare.Length >= block.Length && bare.Trim().Length > 0;
        strings.Read(fenced ? bare : row);
        return fenced && strings.InCode ? bare : null;
    }

    /// <summary>Index behind the marks of the quotes in which a block stands; -1 where the quote has ended.</summary>
    private static int SkipQuotes(string text, Line line, int quotes)
    {
        int at = line.Start;
        for (; quotes > 0; quotes--)
        {
            while (at < line.End && text[at] == ' ')
                at++;
            if (at == line.End || text[at] != '>')
                return -1;
            at += at + 1 < line.End && text[at + 1] == ' ' ? 2 : 1;
        }

        return at;
    }

    private static string Unindent(string text, int at, int end, int columns)
    {
        int column = 0;
        while (at < end && column < columns && text[at] is ' ' or '\t')
            column += text[at++] == '\t' ? 4 - (column % 4) : 1;
        return new string(' ', Math.Max(0, column - columns)) + text[at..end];
    }

    /// <summary>Length of "- " or "12. "; 0 if no item of a list begins.</summary>
    private static int MarkerLength(string text, int at, int end)
    {
        int mark = at;
        while (mark < end && mark - at < 9 && char.IsAsciiDigit(text[mark]))
            mark++;
        bool marks = mark < end && (mark == at ? text[mark] is '-' or '*' or '+' : text[mark] is '.' or ')');
        return marks && mark + 1 < end && text[mark + 1] is ' ' or '\t' ? mark + 1 - at : 0;
    }

    private static int Run(string text, int at, int end)
    {
        int length = 0;
        while (at + length < end && text[at + length] is '`' or '~' && text[at + length] == text[at])
            length++;
        return length;
    }
}
