using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RecursiveMas.QuickStart;

/// <summary>Options that say in one sentence what is wrong with a value.</summary>
internal static partial class Arguments
{
    private static readonly (string Unit, long Bytes)[] s_units =
        [("GiB", 1L << 30), ("MiB", 1L << 20), ("GB", 1_000_000_000), ("MB", 1_000_000), ("G", 1L << 30), ("M", 1L << 20)];

    public static Option<string> Text(string name, string description, string help) => Of<string>(
        name, description, help, text => string.IsNullOrWhiteSpace(text)
            ? throw new FormatException($"{name} is empty; it needs a {help.Replace("|", " or a ", StringComparison.Ordinal)}.")
            : text);

    public static Option<int?> Number(string name, string description, int least, int most = int.MaxValue) => Of<int?>(
        name,
        most == int.MaxValue ? $"{description} At least {least}." : $"{description} From {least} to {most}.",
        "number",
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} needs a whole number from {least} to {most}, not '{text}'."));

    public static Option<long?> Seed(string name, string description) => Of<long?>(
        name,
        description,
        "number",
        text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new FormatException($"{name} needs a whole number from {long.MinValue} to {long.MaxValue}, not '{text}'."));

    public static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(value => value.ToLowerInvariant())];
        return Of<T?>(
            name,
            description,
            string.Join('|', names),
            text => names.Contains(text.ToLowerInvariant())
                ? Enum.Parse<T>(text, ignoreCase: true)
                : throw new FormatException($"{name} cannot be '{text}'; it is one of {string.Join(", ", names)}."));
    }

    public static Option<ModelResidency?> Residency(string name, string description) => Of<ModelResidency?>(
        name,
        description,
        "all|one|size",
        text => text.ToLowerInvariant() switch
        {
            "all" => ModelResidency.All,
            "one" => ModelResidency.OneAtATime,
            _ => ModelResidency.Budget(Size(text) ?? throw new FormatException($"{name} cannot be '{text}'; it is all, one, or a size such as 6GB or 512MiB.")),
        });

    /// <summary>A message in which words that no person has written do not fill the screen.</summary>
    public static string Shortened(string message) => EndlessWord().Replace(message, "$1…");

    /// <summary>Whether a word was meant as an option: "-5" and "--" are none.</summary>
    public static bool LooksLikeOption(string word) =>
        word.Length > 1 && word[0] == '-' && (word[1] == '-' || char.IsAsciiLetter(word[1])) && !word.Any(char.IsWhiteSpace);

    /// <summary>The sentence for an option that does not exist.</summary>
    public static string Unknown(string word, IEnumerable<Option> known)
    {
        string name = word.Split('=', ':')[0];
        string? near = known.SelectMany(option => option.Aliases.Append(option.Name)).Where(alias => alias.StartsWith("--", StringComparison.Ordinal))
            .Select(alias => (Alias: alias, Distance: Distance(name, alias)))
            .Where(candidate => candidate.Distance <= Math.Max(2, name.Length / 4))
            .OrderBy(candidate => candidate.Distance).Select(candidate => candidate.Alias).FirstOrDefault();
        string suggestion = near is null ? "" : $" Did you mean {near}?";
        return $"There is no option {name}.{suggestion} If it is part of the question, put the question in quotes or write -- before it.";
    }

    private static Option<T> Of<T>(string name, string description, string help, Func<string, T> read) => new(name)
    {
        Description = description,
        HelpName = help,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Parse(result, read),
    };

    private static T? Parse<T>(ArgumentResult result, Func<string, T> read)
    {
        try
        {
            return read(result.Tokens[0].Value);
        }
        catch (FormatException fault)
        {
            result.AddError(fault.Message);
            return default;
        }
    }

    private static long? Size(string text)
    {
        (string unit, long bytes) = s_units.FirstOrDefault(unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        return unit is not null
            && decimal.TryParse(text[..^unit.Length].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && number is > 0 and < 1_000_000
            ? (long)(number * bytes)
            : null;
    }

    /// <summary>Fewest letters to insert, remove or replace.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[b.Length];
    }

    [GeneratedRegex(@"(\S{200})\S+")]
    private static partial Regex EndlessWord();
}
