using System.Text.RegularExpressions;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>textwrap.wrap on each line of a text.</summary>
internal static partial class WordWrap
{
    public static string Wrap(string text, long width, bool breakWords, string separator, bool breakHyphens)
    {
        if (width <= 0)
            throw TemplateFault.ValueError($"invalid width {width} (must be > 0)");
        var result = new TextBuffer();
        object?[] paragraphs = Splitting.Lines(text, keepEnds: false).Items;
        for (int i = 0; i < paragraphs.Length; i++)
        {
            if (i > 0)
                result.Append(separator);
            List<string> lines = Lines(Chunks((string)paragraphs[i]!, breakHyphens), width, breakWords, breakHyphens);
            for (int j = 0; j < lines.Count; j++)
                result.Append(j > 0 ? separator + lines[j] : lines[j]);
        }

        return result.ToString();
    }

    private static List<string> Chunks(string text, bool breakHyphens)
    {
        RenderBudget.Items(text.Length);
        // The pattern looks ahead from every character, over dashes up to the end.
        RenderBudget.Step((long)text.Length * text.Length / 256);
        try
        {
            Regex pattern = breakHyphens ? Words() : Blanks();
            return [.. pattern.Split(text).Where(chunk => chunk.Length > 0)];
        }
        catch (RegexMatchTimeoutException)
        {
            throw TemplateFault.Limit("wordwrap takes too long on this text.");
        }
    }

    private static List<string> Lines(List<string> chunks, long width, bool breakWords, bool breakHyphens)
    {
        chunks.Reverse();
        var lines = new List<string>();
        while (chunks.Count > 0)
        {
            RenderBudget.Step();
            var line = new List<string>();
            long length = 0;
            if (IsBlank(chunks[^1]) && lines.Count > 0)
                chunks.RemoveAt(chunks.Count - 1);
            while (chunks.Count > 0 && length + Texts.Length(chunks[^1]) <= width)
                length += Take(chunks, line);
            if (chunks.Count > 0 && Texts.Length(chunks[^1]) > width)
                BreakWord(chunks, line, length, width, breakWords, breakHyphens);
            if (line.Count > 0 && IsBlank(line[^1]))
                line.RemoveAt(line.Count - 1);
            if (line.Count > 0)
                lines.Add(string.Concat(line));
        }

        return lines;
    }

    private static int Take(List<string> chunks, List<string> line)
    {
        string chunk = chunks[^1];
        chunks.RemoveAt(chunks.Count - 1);
        line.Add(chunk);
        return Texts.Length(chunk);
    }

    private static void BreakWord(List<string> chunks, List<string> line, long length, long width, bool breakWords, bool breakHyphens)
    {
        if (!breakWords)
        {
            if (line.Count == 0)
                Take(chunks, line);
            return;
        }

        string chunk = chunks[^1];
        RenderBudget.Text(chunk.Length);
        int space = (int)Math.Max(width - length, 1);
        int end = Texts.UnitOffset(chunk, space);
        if (breakHyphens && Texts.Length(chunk) > space && chunk.LastIndexOf('-', Math.Max(end - 1, 0)) is var hyphen and > 0
            && chunk[..hyphen].Any(c => c != '-'))
            end = hyphen + 1;
        line.Add(chunk[..end]);
        chunks[^1] = chunk[end..];
    }

    private static bool IsBlank(string chunk) => chunk.All(Characters.IsSpace);

    [GeneratedRegex(@"([\t\n\v\f\r ]+)", RegexOptions.CultureInvariant, 200)]
    private static partial Regex Blanks();

    // White space; dashes between words; a word up to a hyphen inside it, to white space or to dashes.
    [GeneratedRegex(
        @"([\t\n\v\f\r ]+|(?<=[\w!""'&.,?])-{2,}(?=\w)|" +
        @"[^\t\n\v\f\r ]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[\w!""'&.,?]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|\z)|(?<=[\w!""'&.,?])(?=-{2,}\w)))",
        RegexOptions.CultureInvariant, 200)]
    private static partial Regex Words();
}
