using System.Text.Json;

namespace RecursiveMas.Prompts;

/// <summary>Reads the JSON form of a catalogue; every complaint names the place.</summary>
internal static class PromptFileReader
{
    private static readonly Dictionary<string, TaskKind> s_kinds =
        Enum.GetValues<TaskKind>().ToDictionary(PromptFile.Word, kind => kind, StringComparer.Ordinal);

    private static readonly Dictionary<string, PromptRounds> s_rounds = new(StringComparer.Ordinal)
    {
        ["every"] = PromptRounds.Every,
        ["first"] = PromptRounds.First,
        ["later"] = PromptRounds.Later,
    };

    public static PromptFile Read(JsonElement root, string file)
    {
        if (!root.TryGetProperty("format", out JsonElement format) || format.ValueKind != JsonValueKind.Number || format.GetRawText() != "1")
            throw new CheckpointException(file, "is not a prompt catalogue of format 1: the field \"format\" must be 1.");
        Dictionary<string, string> systems = Texts(root, "systems", file);
        return new PromptFile(
            file,
            Text(root, "name", file, "the catalogue"),
            Text(root, "version", file, "the catalogue"),
            Texts(root, "parts", file).ToDictionary(part => part.Key, part => PromptTemplate.Parse(part.Value, file, $"part '{part.Key}'"), StringComparer.Ordinal),
            [.. List(root, "prompts", file, "the catalogue").Select((entry, index) => Entry(entry, systems, file, $"prompt {index + 1}"))]);
    }

    private static PromptEntry Entry(JsonElement entry, Dictionary<string, string> systems, string file, string where)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(file, $"{where} must be an object.");
        string? system = null;
        if (entry.TryGetProperty("system", out _))
        {
            string name = Text(entry, "system", file, where);
            if (!systems.TryGetValue(name, out system))
                throw new CheckpointException(file, $"{where} names the system text '{name}', which is not under \"systems\". There: {string.Join(", ", systems.Keys)}.");
        }

        string[] lines = [.. List(entry, "user", file, where).Select(line => String(line, file, $"{where}, user"))];
        return new PromptEntry(
            [.. List(entry, "agents", file, where).Select(item => String(item, file, $"{where}, agents"))],
            [.. List(entry, "kinds", file, where).Select(item => OneOf(s_kinds, String(item, file, $"{where}, kinds"), file, where))],
            OneOf(s_rounds, Text(entry, "rounds", file, where), file, where),
            system,
            User(lines, file, where));
    }

    private static PromptTemplate User(string[] lines, string file, string where)
    {
        PromptTemplate template = PromptTemplate.Parse(string.Join('\n', lines), file, where);
        foreach (string slot in template.Slots)
        {
            // Text on the same line would be joined to the vectors without a token between them.
            if (lines.Count(line => line == $"{{slot:{slot}}}") != 1)
                throw new CheckpointException(file, $"{where}: the slot '{slot}' must stand once, and alone on its line.");
        }

        return template;
    }

    private static T OneOf<T>(Dictionary<string, T> known, string word, string file, string where) => known.TryGetValue(word, out T? value)
        ? value
        : throw new CheckpointException(file, $"{where}: '{word}' is unknown. Known: {string.Join(", ", known.Keys)}.");

    private static Dictionary<string, string> Texts(JsonElement holder, string name, string file)
    {
        if (!holder.TryGetProperty(name, out JsonElement value))
            return new Dictionary<string, string>(StringComparer.Ordinal);
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(item => item.Name, item => String(item.Value, file, $"{name}.{item.Name}"), StringComparer.Ordinal)
            : throw new CheckpointException(file, $"\"{name}\" must be an object of texts.");
    }

    private static IEnumerable<JsonElement> List(JsonElement holder, string name, string file, string where) =>
        holder.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? value.EnumerateArray()
            : throw new CheckpointException(file, $"{where} needs a list \"{name}\" with at least one entry.");

    private static string Text(JsonElement holder, string name, string file, string where) =>
        holder.TryGetProperty(name, out JsonElement value) ? String(value, file, $"{where}, {name}") : throw new CheckpointException(file, $"{where} needs the field \"{name}\".");

    private static string String(JsonElement value, string file, string where) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new CheckpointException(file, $"{where} must be a text.");
}
