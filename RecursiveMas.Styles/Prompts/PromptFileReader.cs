using System.Text.Json;
using RecursiveMas.Shared;

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

    // Language, license and author are for people.
    private static readonly string[] s_fields =
        ["format", "name", "version", "language", "license", "author", "extends", "systems", "parts", "prompts", "answer_pass"];

    private static readonly string[] s_promptFields = ["agents", "kinds", "rounds", "system", "user"];

    /// <summary>Name of the catalogue that a catalogue extends; null if it stands alone.</summary>
    public static string? BaseName(JsonElement root, string file) =>
        root.TryGetProperty("extends", out _) ? Text(root, "extends", file, "the catalogue") : null;

    /// <param name="root">The catalogue.</param>
    /// <param name="file">Its file, for messages.</param>
    /// <param name="extended">The catalogue that it extends: what it does not say itself is taken from there.</param>
    public static PromptFile Read(JsonElement root, string file, PromptFile? extended)
    {
        if (!root.TryGetProperty("format", out JsonElement format) || format.ValueKind != JsonValueKind.Number || format.GetRawText() != "1")
            throw new CheckpointException(file, "is not a prompt catalogue of format 1: the field \"format\" must be 1.");
        RequireKnown(root, s_fields, file, "the catalogue");
        Dictionary<string, string> systems = Over(extended?.Systems, Texts(root, "systems", file));
        Dictionary<string, PromptTemplate> parts = Texts(root, "parts", file).ToDictionary(
            part => part.Key,
            part => PromptTemplate.Parse(part.Value, file, $"part '{part.Key}'"),
            StringComparer.Ordinal);
        foreach ((string name, PromptTemplate part) in parts)
            PromptParts.Check(name, part, file);
        // A catalogue of parts alone is one that others extend; whether an agent lacks a prompt shows when a system is loaded.
        IEnumerable<JsonElement> prompts = root.TryGetProperty("prompts", out _) ? List(root, "prompts", file, "the catalogue") : [];
        return new PromptFile(
            file,
            Text(root, "name", file, "the catalogue"),
            Text(root, "version", file, "the catalogue"),
            systems,
            Over(extended?.Parts, parts),
            [.. prompts.Select((entry, index) => Entry(entry, systems, file, $"prompt {index + 1}")), .. extended?.Entries ?? []],
            Over(extended?.AnswerPass, Texts(root, "answer_pass", file).ToDictionary(item => AnswerPassKind(item.Key, file), item => item.Value)));
    }

    private static void RequireKnown(JsonElement value, string[] known, string file, string where)
    {
        if (value.EnumerateObject().Select(field => field.Name).FirstOrDefault(field => !known.Contains(field)) is { } unknown)
        {
            throw new CheckpointException(
                file,
                $"{where} has the field '{unknown}', which is not known.{NearName.Suggest(unknown, known)} There are: {string.Join(", ", known)}.");
        }
    }

    private static TaskKind AnswerPassKind(string word, string file) => OneOf(s_kinds, word, file, "answer_pass") is TaskKind kind and not TaskKind.Free
        ? kind
        : throw new CheckpointException(file, "answer_pass has the kind 'free', which never has one: every text answers a free question.");

    private static Dictionary<TKey, TValue> Over<TKey, TValue>(IReadOnlyDictionary<TKey, TValue>? under, IReadOnlyDictionary<TKey, TValue> over)
        where TKey : notnull
    {
        Dictionary<TKey, TValue> all = new(under ?? new Dictionary<TKey, TValue>());
        foreach ((TKey key, TValue value) in over)
            all[key] = value;
        return all;
    }

    private static PromptEntry Entry(JsonElement entry, Dictionary<string, string> systems, string file, string where)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(file, $"{where} must be an object.");
        RequireKnown(entry, s_promptFields, file, where);
        string? system = null;
        if (entry.TryGetProperty("system", out _))
        {
            string name = Text(entry, "system", file, where);
            if (!systems.TryGetValue(name, out system))
                throw new CheckpointException(
                    file,
                    $"{where} names the system text '{name}', which is not under \"systems\". There: {string.Join(", ", systems.Keys)}.");
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
        if (template.Pieces.Any(piece => piece.Place == PromptPlace.Function))
            throw new CheckpointException(
                file,
                $"{where}: {{function}} may stand in the part 'interface.function' only, because a question may have no function name.");
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
            ? value.EnumerateObject().ToDictionary(item => item.Name, item => TextOrLines(item.Value, file, $"{name}.{item.Name}"), StringComparer.Ordinal)
            : throw new CheckpointException(file, $"\"{name}\" must be an object of texts.");
    }

    private static string TextOrLines(JsonElement value, string file, string where) => value.ValueKind == JsonValueKind.Array
        ? string.Join('\n', value.EnumerateArray().Select(line => String(line, file, where)))
        : String(value, file, where);

    private static IEnumerable<JsonElement> List(JsonElement holder, string name, string file, string where) =>
        holder.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? value.EnumerateArray()
            : throw new CheckpointException(file, $"{where} needs a list \"{name}\" with at least one entry.");

    private static string Text(JsonElement holder, string name, string file, string where) =>
        holder.TryGetProperty(name, out JsonElement value)
            ? String(value, file, $"{where}, {name}")
            : throw new CheckpointException(file, $"{where} needs the field \"{name}\".");

    private static string String(JsonElement value, string file, string where) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new CheckpointException(file, $"{where} must be a text.");
}
