using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Damages tokenizer files: values of any kind in any place, parts of one file in another, single bytes.</summary>
internal sealed class TokenizerMutator(IReadOnlyList<byte[]> files, Random random)
{
    // Stands for half of a surrogate pair, which no serializer writes.
    private const string Lone = "LONE";

    private static readonly string[] s_texts =
    [
        "", "a", " ", "\u2581", "Sequence", "NFC", "NFKC", "NFD", "Lowercase", "StripAccents", "Strip", "Prepend", "Replace", "ByteLevel", "Split",
        "Metaspace", "Digits", "Punctuation", "Whitespace", "WhitespaceSplit", "TemplateProcessing", "RobertaProcessing", "BPEDecoder", "ByteFallback",
        "Fuse", "BPE", "Unigram", "first", "never", "always", "Isolated", "Removed", "Contiguous", "MergedWithNext", "LongestFirst", "Left", "<unk>",
        "<0x41>", "(a+)+$", "(?:a|a)*b", "[^b]*b", "\\s+(?!\\S)", "(", "a{9999}", "\\p{L}+", "(?<=a)b", "(?>a*)", "x*", "1.0", "\uD83D\uDE00", "\u0130", Lone,
    ];

    private static readonly string[] s_scalars =
        ["null", "true", "false", "0", "-1", "1", "2.5", "4294967296", "1e999", "99999999999999999999", "[]", "{}", "[[]]", "\"\"", "{\"a\":{}}", "3", "17"];

    public byte[] Next()
    {
        byte[] file = files[random.Next(files.Count)];
        if (random.Next(8) == 0)
            return FlipBytes(file);
        JsonNode root = JsonNode.Parse(file)!;
        for (int i = random.Next(1, 4); i > 0; i--)
            Mutate(root);
        byte[] bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(root).Replace(Lone, "\\ud800", StringComparison.Ordinal));
        return random.Next(10) == 0 ? FlipBytes(bytes) : bytes;
    }

    private byte[] FlipBytes(byte[] file)
    {
        byte[] bytes = [.. file];
        for (int i = random.Next(1, 6); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private void Mutate(JsonNode root)
    {
        JsonNode node = Pick(root);
        JsonNode value = random.Next(4) switch
        {
            0 => JsonValue.Create(s_texts[random.Next(s_texts.Length)]),
            1 => Pick(JsonNode.Parse(files[random.Next(files.Count)])!).DeepClone(),
            _ => Parse(s_scalars[random.Next(s_scalars.Length)]),
        };
        switch (node)
        {
            case JsonArray { Count: > 0 } list when random.Next(3) > 0:
                int at = random.Next(list.Count);
                if (random.Next(3) == 0)
                    list.RemoveAt(at);
                else if (random.Next(2) == 0)
                    list.Insert(at, list[random.Next(list.Count)]?.DeepClone());
                else
                    list[at] = value;
                break;
            case JsonArray list:
                list.Add(value);
                break;
            case JsonObject { Count: > 0 } map:
                string key = map.ElementAt(random.Next(map.Count)).Key;
                if (random.Next(4) == 0)
                    map.Remove(key);
                else
                    map[random.Next(6) == 0 ? s_texts[random.Next(s_texts.Length)] : key] = value;
                break;
            case JsonObject map:
                map["type"] = value;
                break;
        }
    }

    // An object or array, with those near the root as likely as the many further down.
    private JsonNode Pick(JsonNode root)
    {
        JsonNode node = root;
        while (random.Next(4) > 0)
        {
            JsonNode?[] inner = node switch
            {
                JsonObject map => [.. map.Select(entry => entry.Value)],
                JsonArray list => [.. list.Take(50)],
                _ => [],
            };
            JsonNode[] nested = [.. inner.OfType<JsonNode>().Where(child => child is JsonObject or JsonArray)];
            if (nested.Length == 0)
                break;
            node = nested[random.Next(nested.Length)];
        }

        return node;
    }

    private static JsonNode Parse(string json)
    {
        try
        {
            return JsonNode.Parse(Encoding.UTF8.GetBytes(json)) ?? JsonValue.Create("null");
        }
        catch (JsonException)
        {
            return JsonValue.Create(json);
        }
    }
}
