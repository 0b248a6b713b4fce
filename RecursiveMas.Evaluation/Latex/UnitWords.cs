namespace RecursiveMas.Latex;

/// <summary>Words behind numbers, in one form each.</summary>
internal static class UnitWords
{
    public const string Degree = "°", Percent = "%", Dollar = "$";

    private const string Prefix = "unit ";

    private static readonly Dictionary<string, string> s_forms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["degree"] = Degree, ["degrees"] = Degree, ["deg"] = Degree, ["percent"] = Percent, ["dollar"] = Dollar, ["dollars"] = Dollar, ["usd"] = Dollar,
        ["meter"] = "m", ["meters"] = "m", ["metre"] = "m", ["metres"] = "m", ["centimeter"] = "cm", ["centimeters"] = "cm", ["kilometer"] = "km",
        ["kilometers"] = "km", ["millimeter"] = "mm", ["millimeters"] = "mm", ["inch"] = "in", ["inches"] = "in", ["foot"] = "ft", ["feet"] = "ft",
        ["gram"] = "g", ["grams"] = "g", ["kilogram"] = "kg", ["kilograms"] = "kg", ["second"] = "s", ["seconds"] = "s", ["minute"] = "min",
        ["minutes"] = "min",
        ["hour"] = "h", ["hours"] = "h", ["hr"] = "h", ["hrs"] = "h", ["liter"] = "L", ["liters"] = "L", ["pct"] = Percent,
    };

    private static readonly Dictionary<string, int> s_scales = new(StringComparer.OrdinalIgnoreCase)
    {
        ["hundred"] = 2, ["thousand"] = 3, ["million"] = 6, ["millions"] = 6, ["billion"] = 9, ["billions"] = 9, ["trillion"] = 12,
    };

    // Numbers, operations and words that take back or leave open: behind a number they make another value of it.
    private static readonly HashSet<string> s_never = new(
        ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty " +
        "forty fifty sixty seventy eighty ninety hundreds thousands half halves third thirds fourth fourths fifth fifths sixth sixths seventh sevenths " +
        "eighth eighths ninth ninths tenth tenths hundredth hundredths thousandth thousandths dozen dozens plus minus root factorial mod modulo base " +
        "remainder or not nor but except if unless either neither approx approximately about around roughly nearly almost maybe perhaps possibly infinity " +
        "infinite undefined pi permille").Split(' '),
        StringComparer.OrdinalIgnoreCase);

    // Without braces only these are no products of variables.
    private static readonly HashSet<string> s_short = ["cm", "mm", "km", "kg", "ft", "mL", "ml", "in", "min", "hr", "mph"];

    /// <summary>The form of a word that is known or, as text, of any word.</summary>
    public static string Of(string word) => s_forms.TryGetValue(word, out string? form) ? form
        : word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1].ToLowerInvariant()
        : word;

    /// <summary>The power of ten that a word multiplies by; null for others.</summary>
    public static int? Scale(string word) => s_scales.TryGetValue(word, out int power) ? power : null;

    /// <summary>Whether a word behind a number makes another value of it in a way that is not followed here.</summary>
    public static bool IsNever(string word) => s_never.Contains(word);

    /// <summary>Whether a single letter in text is a unit and not a variable.</summary>
    public static bool MayBe(char letter) => "mgshdlLAVWJNKCFt".Contains(letter, StringComparison.Ordinal);

    /// <summary>The factor that stands for a unit in its form.</summary>
    public static string Atom(string form) => form is Degree or Percent or Dollar ? form : Prefix + form;

    /// <summary>Whether an atom is a unit.</summary>
    public static bool IsUnit(string atom) => atom is Degree or Percent or Dollar || atom.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether letters without braces that stand behind a number and a space are a unit.</summary>
    public static bool MayBe(string word) => word.Length > 2 || s_short.Contains(word);
}
