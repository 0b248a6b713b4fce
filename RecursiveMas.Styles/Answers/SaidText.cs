using System.Text;
using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>What an agent says to the user: its text without thinking and without the results of tools, which somebody else wrote.</summary>
internal static class SaidText
{
    public static string Of(string text) => WithoutResults(WithoutThinking(text));

    /// <summary>
    /// Removes think blocks. Behind a block that is never closed nothing is said; a block whose tag stood in the prompt begins with the text.
    /// </summary>
    private static string WithoutThinking(string text)
    {
        const string Open = "<think>", Close = "</think>";
        var said = new StringBuilder();
        bool thinking = false;
        int from = 0;
        for (int at = text.IndexOf('<', StringComparison.Ordinal); at >= 0; at = text.IndexOf('<', at + 1))
        {
            if (PythonText.StandsAt(text, at, Close))
            {
                if (!thinking)
                    said.Clear();
                thinking = false;
                from = at + Close.Length;
            }
            else if (!thinking && PythonText.StandsAt(text, at, Open))
            {
                said.Append(text, from, at - from).Append('\n');
                thinking = true;
            }
        }

        return thinking ? said.ToString() : said.Append(text, from, text.Length - from).ToString();
    }

    private static string WithoutResults(string text)
    {
        const string Open = "<result>", Close = "</result>";
        var said = new StringBuilder();
        int from = 0;
        while (text.IndexOf(Open, from, StringComparison.OrdinalIgnoreCase) is >= 0 and int open
            && text.IndexOf(Close, open, StringComparison.OrdinalIgnoreCase) is >= 0 and int close)
        {
            said.Append(text, from, open - from).Append('\n');
            from = close + Close.Length;
        }

        return said.Append(text, from, text.Length - from).ToString();
    }
}
