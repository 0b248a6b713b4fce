using System.Text.RegularExpressions;

namespace RecursiveMas.Prompts;

/// <summary>What stands at a place of a template.</summary>
internal enum PromptPlace
{
    Text,
    Question,
    ChoiceQuestion,
    Task,
    Role,
    Interface,
    Final,
    Function,
    Slot,
}

/// <summary>Wording with places, cut into pieces once.</summary>
/// <param name="Pieces">What each piece is, and the text or the slot's name.</param>
internal sealed partial record PromptTemplate(IReadOnlyList<(PromptPlace Place, string Text)> Pieces)
{
    private const string SlotPrefix = "slot:";

    private static readonly Dictionary<string, PromptPlace> s_places = new(StringComparer.Ordinal)
    {
        ["question"] = PromptPlace.Question,
        ["question:choice"] = PromptPlace.ChoiceQuestion,
        ["task"] = PromptPlace.Task,
        ["role"] = PromptPlace.Role,
        ["interface"] = PromptPlace.Interface,
        ["final"] = PromptPlace.Final,
        ["function"] = PromptPlace.Function,
    };

    public IEnumerable<string> Slots => Pieces.Where(piece => piece.Place == PromptPlace.Slot).Select(piece => piece.Text);

    /// <summary>Whether the question stands in it, by itself or within the task.</summary>
    public bool HasQuestion => Pieces.Any(piece => piece.Place is PromptPlace.Question or PromptPlace.ChoiceQuestion or PromptPlace.Task);

    /// <summary>Wording without places.</summary>
    public string PlainText => string.Concat(Pieces.Select(piece => piece.Text));

    /// <summary>A place as it is written in a catalogue.</summary>
    public static string Written(PromptPlace place, string slot = "NAME") =>
        place == PromptPlace.Slot ? $"{{{SlotPrefix}{slot}}}" : $"{{{s_places.First(known => known.Value == place).Key}}}";

    /// <summary>Cuts wording at its places; braces around anything but a lower-case word stay as they are.</summary>
    /// <exception cref="CheckpointException">A place is unknown.</exception>
    public static PromptTemplate Parse(string wording, string file, string where)
    {
        var pieces = new List<(PromptPlace, string)>();
        int at = 0;
        foreach (Match match in Place().Matches(wording))
        {
            if (match.Index > at)
                pieces.Add((PromptPlace.Text, wording[at..match.Index]));
            string name = match.Groups[1].Value;
            if (name.StartsWith(SlotPrefix, StringComparison.Ordinal))
                pieces.Add((PromptPlace.Slot, name[SlotPrefix.Length..]));
            else if (s_places.TryGetValue(name, out PromptPlace place))
                pieces.Add((place, ""));
            else
                throw new CheckpointException(
                    file,
                    $"{where} has the unknown place '{{{name}}}'. Known: {string.Join(", ", s_places.Keys.Select(key => $"{{{key}}}"))}, {{slot:NAME}}.");
            at = match.Index + match.Length;
        }

        if (at < wording.Length)
            pieces.Add((PromptPlace.Text, wording[at..]));
        return new PromptTemplate(pieces);
    }

    [GeneratedRegex(@"\{([a-z]+(?::[a-z_0-9]+)?)\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Place();
}
