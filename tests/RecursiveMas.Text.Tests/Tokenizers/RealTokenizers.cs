using System.Collections.Concurrent;
using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>The tokenizers of sources.json, which eng/tokenizers/fetch.mjs puts into an ignored folder.</summary>
internal static class RealTokenizers
{
    public const string Variable = "RECURSIVEMAS_TOKENIZERS";

    private static readonly ConcurrentDictionary<string, Lazy<HuggingFaceTokenizer>> s_loaded = new(StringComparer.Ordinal);

    public static string Folder { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Path.Combine(Goldens.RepositoryRoot, "artifacts", "tokenizers");

    /// <summary>The keys of golden files like tokenizers/{key}.jsonl or tokenizers/{inside}/{key}{extension}.</summary>
    public static IEnumerable<TheoryDataRow<string>> Keys(string inside, string extension)
    {
        string folder = Path.Combine(Goldens.TryFolder("tokenizers") ?? "", inside);
        string[] keys = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*" + extension)
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Where(IsKey)
                .Order(StringComparer.Ordinal)]
            : [];
        return Goldens.Rows(keys, $"tokenizers/{inside}");
    }

    /// <summary>The plain tokenizer.json of a key, derived ones included; the test is reported as not run if it was not fetched.</summary>
    public static HuggingFaceTokenizer Load(string key)
    {
        JsonElement? derived =
            Sources("derived").FirstOrDefault(entry => entry.GetProperty("key").GetString() == key) is { ValueKind: JsonValueKind.Object } found ? found : null;
        string file = File(derived?.GetProperty("base").GetString() ?? key, "tokenizer.json");
        return s_loaded.GetOrAdd(key, _ => new Lazy<HuggingFaceTokenizer>(() =>
        {
            byte[] bytes = System.IO.File.ReadAllBytes(file);
            return HuggingFaceTokenizer.FromBytes(derived is { } patched ? JsonPatch.Apply(bytes, patched.GetProperty("patch")) : bytes, file);
        })).Value;
    }

    /// <summary>A fetched file; the test is reported as not run if it is absent.</summary>
    public static string File(string key, string name)
    {
        string file = Path.Combine(Folder, key, name);
        Assert.SkipUnless(System.IO.File.Exists(file), $"The real tokenizer '{key}' is not in {Folder}. Run: node eng/tokenizers/fetch.mjs");
        return file;
    }

    private static bool IsKey(string name) =>
        Sources("tokenizers").Concat(Sources("derived")).Any(entry => entry.GetProperty("key").GetString() == name);

    private static IEnumerable<JsonElement> Sources(string list)
    {
        string? folder = Goldens.TryFolder("tokenizers");
        string file = Path.Combine(folder ?? "", "sources.json");
        return folder is not null
            && System.IO.File.Exists(file)
            && JsonDocument.Parse(System.IO.File.ReadAllBytes(file)).RootElement.TryGetProperty(list, out JsonElement entries)
            ? entries.EnumerateArray()
            : [];
    }
}
