using System.Globalization;
using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Decodes the escapes of a string literal as Python does; an unknown escape stays as it is written.</summary>
internal static class StringLiteral
{
    private static readonly Dictionary<char, string> Simple = new()
    {
        ['\n'] = "", ['\\'] = "\\", ['\''] = "'", ['"'] = "\"", ['a'] = "\a", ['b'] = "\b", ['f'] = "\f",
        ['n'] = "\n", ['r'] = "\r", ['t'] = "\t", ['v'] = "\v",
    };

    private static readonly Dictionary<char, int> HexDigits = new() { ['x'] = 2, ['u'] = 4, ['U'] = 8 };

    /// <param name="body">The literal without its quotes.</param>
    /// <param name="line">Line for error messages.</param>
    public static string Decode(ReadOnlySpan<char> body, int line)
    {
        if (!body.Contains('\\'))
            return body.ToString();
        var text = new StringBuilder(body.Length);
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] != '\\')
            {
                text.Append(body[i]);
                continue;
            }

            char escape = body[++i];
            if (Simple.TryGetValue(escape, out string? plain))
            {
                text.Append(plain);
            }
            else if (escape is >= '0' and <= '7')
            {
                int end = i + 1;
                while (end < body.Length && end < i + 3 && body[end] is >= '0' and <= '7')
                    end++;
                int code = 0;
                for (; i < end; i++)
                    code = code * 8 + (body[i] - '0');
                i--;
                text.AppendCodePoint(code);
            }
            else if (HexDigits.TryGetValue(escape, out int digits))
            {
                if (i + digits >= body.Length
                    || !uint.TryParse(body.Slice(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
                    || code > 0x10FFFF)
                    throw TemplateFault.Syntax($"the string has an incomplete or impossible \\{escape} escape", line);
                text.AppendCodePoint((int)code);
                i += digits;
            }
            else if (escape == 'N')
            {
                throw TemplateFault.Syntax("\\N{...} escapes (characters by name) are not supported: write the character itself", line);
            }
            else
            {
                text.Append('\\').Append(escape);
            }
        }

        return text.ToString();
    }
}
