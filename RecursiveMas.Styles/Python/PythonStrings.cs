namespace RecursiveMas.Python;

/// <summary>Follows Python code line by line: is the end of the line code, a comment, or inside of a string that goes on?</summary>
internal sealed class PythonStrings
{
    private char _quote;

    /// <summary>Whether a triple-quoted string is open.</summary>
    public bool Inside => _quote != '\0';

    /// <summary>Whether the last line ended in code.</summary>
    public bool InCode { get; private set; } = true;

    public void Read(string line)
    {
        InCode = true;
        for (int at = 0; at < line.Length; at++)
        {
            char letter = line[at];
            if (letter == '\\')
            {
                at++;
            }
            else if (letter is '"' or '\'' && at + 2 < line.Length && line[at + 1] == letter && line[at + 2] == letter && (!Inside || _quote == letter))
            {
                _quote = Inside ? '\0' : letter;
                at += 2;
            }
            else if (!Inside && letter == '#')
            {
                InCode = false;
                return;
            }
            else if (!Inside && letter is '"' or '\'')
            {
                at = SkipString(line, at);
            }
        }

        InCode = !Inside;
    }

    /// <summary>Index of the closing quote; an open one reaches no further than its own character.</summary>
    private static int SkipString(string line, int start)
    {
        for (int at = start + 1; at < line.Length; at++)
        {
            if (line[at] == '\\')
                at++;
            else if (line[at] == line[start])
                return at;
        }

        return line.Length;
    }
}
