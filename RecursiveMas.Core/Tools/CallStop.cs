using System.Text;

namespace RecursiveMas.Tools;

/// <summary>Ends a text behind the closing tag of its first complete call.</summary>
/// <param name="tools">Names of the tools.</param>
internal sealed class CallStop(IReadOnlyList<string> tools) : IStopRule
{
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly int _longest = tools.Max(tool => tool.Length) + 3;

    // The end of the text, in which a tag may be complete with its next bracket.
    private readonly StringBuilder _tail = new();

    public int? Append(string piece)
    {
        for (int i = 0; i < piece.Length; i++)
        {
            _tail.Append(piece[i]);
            if (piece[i] == '>' && ClosesCall())
                return i + 1;
        }

        if (_tail.Length > _longest)
            _tail.Remove(0, _tail.Length - _longest);
        return null;
    }

    private bool ClosesCall()
    {
        string tail = _tail.ToString(Math.Max(0, _tail.Length - _longest), Math.Min(_longest, _tail.Length));
        foreach (string tool in tools)
        {
            if (tail.EndsWith($"<{tool}>", StringComparison.OrdinalIgnoreCase))
                _open.Add(tool);
            else if (_open.Contains(tool) && tail.EndsWith($"</{tool}>", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
