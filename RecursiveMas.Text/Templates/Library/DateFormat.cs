using System.Globalization;
using System.Text;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Library;

/// <summary>strftime in the C locale, on local time without a zone.</summary>
internal static class DateFormat
{
    private static readonly Dictionary<char, Func<DateTime, string>> Directives = new()
    {
        ['a'] = t => English("ddd", t),
        ['A'] = t => English("dddd", t),
        ['b'] = t => English("MMM", t),
        ['B'] = t => English("MMMM", t),
        ['h'] = t => English("MMM", t),
        ['c'] = t => $"{English("ddd MMM", t)} {t.Day,2} {English("HH:mm:ss", t)} {t.Year}",
        ['C'] = t => Number(t.Year / 100, 2),
        ['d'] = t => Number(t.Day, 2),
        ['D'] = t => English("MM'/'dd'/'yy", t),
        ['e'] = t => $"{t.Day,2}",
        ['f'] = t => Number((int)(t.Ticks % TimeSpan.TicksPerSecond / 10), 6),
        ['F'] = t => English("yyyy-MM-dd", t),
        ['g'] = t => Number(ISOWeek.GetYear(t) % 100, 2),
        ['G'] = t => Number(ISOWeek.GetYear(t), 4),
        ['H'] = t => Number(t.Hour, 2),
        ['I'] = t => Number((t.Hour + 11) % 12 + 1, 2),
        ['j'] = t => Number(t.DayOfYear, 3),
        ['k'] = t => $"{t.Hour,2}",
        ['l'] = t => $"{(t.Hour + 11) % 12 + 1,2}",
        ['m'] = t => Number(t.Month, 2),
        ['M'] = t => Number(t.Minute, 2),
        ['n'] = _ => "\n",
        ['p'] = t => t.Hour < 12 ? "AM" : "PM",
        ['P'] = t => t.Hour < 12 ? "am" : "pm",
        ['r'] = t => English("hh:mm:ss", t) + (t.Hour < 12 ? " AM" : " PM"),
        ['R'] = t => English("HH:mm", t),
        ['s'] = t => Number((long)Math.Floor((t - DateTime.UnixEpoch).TotalSeconds), 1),
        ['S'] = t => Number(t.Second, 2),
        ['t'] = _ => "\t",
        ['T'] = t => English("HH:mm:ss", t),
        ['u'] = t => Number(((int)t.DayOfWeek + 6) % 7 + 1, 1),
        ['U'] = t => Number((t.DayOfYear + 6 - (int)t.DayOfWeek) / 7, 2),
        ['V'] = t => Number(ISOWeek.GetWeekOfYear(t), 2),
        ['w'] = t => Number((int)t.DayOfWeek, 1),
        ['W'] = t => Number((t.DayOfYear + 6 - ((int)t.DayOfWeek + 6) % 7) / 7, 2),
        ['x'] = t => English("MM'/'dd'/'yy", t),
        ['X'] = t => English("HH:mm:ss", t),
        ['y'] = t => Number(t.Year % 100, 2),
        ['Y'] = t => Number(t.Year, 1),
        // A clock without a zone has neither name nor offset.
        ['z'] = _ => "",
        ['Z'] = _ => "",
        ['%'] = _ => "%",
    };

    public static string Format(string format, DateTime time)
    {
        var result = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            RenderBudget.Text(8);
            if (format[i] != '%' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }

            int start = i++;
            char flag = format[i] is '-' or '_' or '0' or '^' or '#' ? format[i++] : '\0';
            if (i < format.Length && Directives.TryGetValue(format[i], out Func<DateTime, string>? directive))
                result.Append(Flagged(directive(time), flag));
            else
                result.Append(format, start, Math.Min(i + 1, format.Length) - start);
        }

        return result.ToString();
    }

    private static string Flagged(string text, char flag)
    {
        string bare = text.TrimStart('0', ' ');
        if (bare.Length == 0 && text.Length > 0)
            bare = text[^1..];
        return flag switch
        {
            '-' => bare,
            '_' => bare.PadLeft(text.Length),
            '0' => bare.PadLeft(text.Length, '0'),
            '^' => text.ToUpperInvariant(),
            '#' => text.Any(char.IsLower) ? text.ToUpperInvariant() : text.ToLowerInvariant(),
            _ => text,
        };
    }

    private static string English(string format, DateTime time) => time.ToString(format, CultureInfo.InvariantCulture);

    private static string Number(long number, int width) => number.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
}
