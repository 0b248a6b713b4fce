using System.Text.Json;
using RecursiveMas.Checkpoints;

namespace RecursiveMas.Tokenizers;

/// <summary>What tokenizer_config.json, and for older folders special_tokens_map.json, say about special tokens and limits.</summary>
internal sealed class TokenizerConfig
{
    public const string FileName = "tokenizer_config.json";
    private const string MapFileName = "special_tokens_map.json";

    /// <summary>Lengths above it stand for "no limit".</summary>
    private const double LongestModel = 1_000_000;

    private static readonly string[] s_roles =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Texts of special tokens by their role, such as eos_token.</summary>
    public Dictionary<string, string> SpecialTokens { get; } = new(StringComparer.Ordinal);

    public int? ModelMaxLength { get; private set; }

    public static TokenizerConfig Read(CheckpointFolder folder)
    {
        var config = new TokenizerConfig();
        JsonElement? main = folder.Contains(FileName) ? CheckpointJson.ReadObject(folder, FileName, 16 * CheckpointJson.SmallFile) : null;
        if (main is { } element)
            config.Take(element, folder.Describe(FileName), replace: true);

        // Folders without added_tokens_decoder keep roles in a file of their own.
        bool older = main is null || !main.Value.TryGetProperty("added_tokens_decoder", out _);
        if (older && folder.Contains(MapFileName))
            config.Take(CheckpointJson.ReadObject(folder, MapFileName), folder.Describe(MapFileName), replace: false);
        return config;
    }

    private void Take(JsonElement config, string file, bool replace)
    {
        foreach (string role in s_roles)
        {
            if (config.TryGetProperty(role, out JsonElement value) && value.ValueKind != JsonValueKind.Null && (replace || !SpecialTokens.ContainsKey(role)))
                SpecialTokens[role] = ReadToken(value, role, file);
        }

        if (config.TryGetProperty("model_max_length", out JsonElement length) && length.ValueKind != JsonValueKind.Null)
        {
            if (length.ValueKind != JsonValueKind.Number || !length.TryGetDouble(out double number) || !(number >= 1))
                throw new CheckpointException(file, "'model_max_length' must be a positive number.");
            ModelMaxLength = number > LongestModel ? null : (int)number;
        }
    }

    private static string ReadToken(JsonElement value, string role, string file)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement content))
            value = content;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new CheckpointException(file, $"'{role}' must be a text or an object with 'content'.");
    }
}
