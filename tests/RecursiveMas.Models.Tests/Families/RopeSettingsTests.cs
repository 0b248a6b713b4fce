using System.Globalization;
using System.Text.Json.Nodes;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using Xunit;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>
/// Rotary settings from wherever they stand, alone and together, as transformers 5 reads them. What it would drop, or read in another way
/// in another place, is refused by name.
/// </summary>
public class RopeSettingsTests
{
    private const string Llama3 = "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 64";

    // Rows of every family with one rotation: the fields, and either what follows from them or, behind "!", what the refusal names.
    private static readonly (string Fields, string Expected)[] s_one =
    [
        ("", "10000"),
        (""" "rope_theta": 500.0 """, "500"),
        (""" "rope_theta": 500 """, "500"),
        (""" "rope_theta": null """, "!rope_theta = null"),
        (""" "rope_theta": 0 """, "!rope_theta"),
        (""" "rope_theta": "10000" """, "!rope_theta"),
        (""" "rope_scaling": null """, "10000"),
        (""" "rope_scaling": null, "rope_theta": 500.0 """, "500"),
        (""" "rope_scaling": {} """, "10000"),
        (""" "rope_scaling": [] """, "!rope_scaling"),
        (""" "rope_scaling": {"rope_type": "linear", "factor": 8.0} """, "10000 linear 8"),
        (""" "rope_scaling": {"type": "linear", "factor": 8} """, "10000 linear 8"),
        (""" "rope_scaling": {"type": "linear", "rope_type": "linear", "factor": 8.0}, "rope_theta": 500.0 """, "500 linear 8"),
        (""" "rope_scaling": {"type": "linear", "rope_type": "default"} """, "10000"),
        (""" "rope_scaling": {"type": "default", "rope_type": "linear", "factor": 8.0} """, "10000 linear 8"),
        (""" "rope_scaling": {"type": "linear", "rope_type": null, "factor": 8.0} """, "!rope_type = null"),
        (""" "rope_scaling": {"rope_type": 1} """, "!rope_type"),
        (""" "rope_scaling": {"factor": 8.0} """, "10000"),
        (""" "rope_scaling": {"rope_type": "linear"} """, "!factor"),
        (""" "rope_scaling": {"rope_type": "linear", "factor": 8.0, "rope_theta": 700.0}, "rope_theta": 500.0 """, "700 linear 8"),
        (""" "rope_scaling": {"rope_type": "linear", "factor": 8.0, "rope_theta": null}, "rope_theta": 500.0 """, "!rope_theta = null"),
        ($$""" "rope_scaling": {"rope_type": "llama3", {{Llama3}}}, "rope_theta": 500.0 """, "500 llama3 8 1 4 64"),
        ($$""" "rope_scaling": {"type": "llama3", {{Llama3}}} """, "10000 llama3 8 1 4 64"),
        ($$""" "rope_scaling": {"type": "llama3", {{Llama3}}}, "original_max_position_embeddings": 64 """, "10000 llama3 8 1 4 64"),
        ($$""" "rope_scaling": {"type": "llama3", {{Llama3}}}, "original_max_position_embeddings": 32 """, "!original_max_position_embeddings is 32"),
        (""" "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0} """, "!original_max_position_embeddings"),
        (""" "rope_parameters": null """, "10000"),
        (""" "rope_parameters": {} """, "10000"),
        (""" "rope_parameters": {"rope_theta": 500.0} """, "500"),
        (""" "rope_parameters": {"rope_type": "default"}, "rope_theta": 500.0 """, "500"),
        (""" "rope_parameters": {"rope_theta": 700.0, "rope_type": "default"}, "rope_theta": 500.0 """, "700"),
        (""" "rope_parameters": {"rope_theta": 700.0, "type": "linear", "factor": 2.0} """, "700 linear 2"),
        ($$""" "rope_parameters": {"rope_theta": 700.0, "rope_type": "llama3", {{Llama3}}} """, "700 llama3 8 1 4 64"),
        (""" "rope_parameters": {"rope_theta": 700.0}, "rope_scaling": null """, "700"),
        (""" "rope_parameters": {"rope_theta": 700.0}, "rope_scaling": {} """, "700"),
        // Together: rope_scaling replaces rope_parameters as a whole.
        (""" "rope_parameters": {"rope_theta": 700.0}, "rope_scaling": {"rope_type": "linear", "factor": 8.0, "rope_theta": 700.0} """, "700 linear 8"),
        (""" "rope_parameters": {"rope_theta": 700.0}, "rope_scaling": {"rope_type": "linear", "factor": 8.0}, "rope_theta": 700.0 """, "700 linear 8"),
        (""" "rope_parameters": {"rope_theta": 10000.0}, "rope_scaling": {"type": "linear", "factor": 8.0} """, "10000 linear 8"),
        (""" "rope_parameters": {"rope_theta": 700.0}, "rope_scaling": {"rope_type": "linear", "factor": 8.0} """, "!rope_scaling replaces rope_parameters"),
        (""" "rope_parameters": {"rope_theta": 700.0, "rope_type": "linear", "factor": 2.0}, "rope_scaling": {"rope_theta": 700.0, "rope_type": "default"} """,
            "700"),
        // Kinds that are not computed, wherever they stand.
        (""" "rope_scaling": {"rope_type": "yarn", "factor": 4.0} """, "!'yarn'"),
        (""" "rope_scaling": {"type": "dynamic", "factor": 4.0} """, "!'dynamic'"),
        (""" "rope_parameters": {"rope_theta": 700.0, "rope_type": "longrope"} """, "!'longrope'"),
        (""" "rope_parameters": {"rope_theta": 700.0, "type": "proportional"} """, "!'proportional'"),
        (""" "rope_parameters": {"rope_theta": 700.0}, "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 700.0} """, "!'yarn'"),
        (""" "rope_parameters": {"rope_theta": 700.0, "rope_type": "yarn"}, "rope_scaling": {"rope_type": "linear", "factor": 4.0, "rope_theta": 700.0} """,
            "!'yarn'"),
        (""" "rope_parameters": {"full_attention": {"rope_theta": 700.0}} """, "!full_attention"),
        (""" "rope_scaling": {"sliding_attention": {"rope_theta": 700.0}} """, "!sliding_attention"),
    ];

    private static readonly (string Fields, string Expected)[] s_whole =
    [
        (""" "partial_rotary_factor": 1.0 """, "10000"),
        (""" "partial_rotary_factor": 0.5 """, "!partial_rotary_factor = 0.5"),
        (""" "rope_parameters": {"rope_theta": 700.0, "partial_rotary_factor": 0.5} """, "!partial_rotary_factor = 0.5"),
        (""" "rope_scaling": {"rope_type": "linear", "factor": 4.0, "partial_rotary_factor": 0.5} """, "!partial_rotary_factor = 0.5"),
    ];

    private static readonly (string Fields, string Expected)[] s_partial =
    [
        (""" "partial_rotary_factor": 0.5 """, "10000 of 8"),
        (""" "partial_rotary_factor": null """, "!partial_rotary_factor = null"),
        (""" "partial_rotary_factor": 0.2 """, "!partial_rotary_factor = 0.2"),
        (""" "rope_parameters": {"partial_rotary_factor": 0.5} """, "10000 of 8"),
        (""" "rope_parameters": {"partial_rotary_factor": 0.5}, "partial_rotary_factor": 0.5 """, "10000 of 8"),
        (""" "rope_parameters": {"partial_rotary_factor": 0.5}, "partial_rotary_factor": 0.25 """, "!partial_rotary_factor is 0.25"),
        (""" "rope_parameters": {"partial_rotary_factor": 1.5} """, "!partial_rotary_factor = 1.5"),
        (""" "rope_scaling": {"type": "linear", "factor": 2.0, "partial_rotary_factor": 0.5} """, "10000 of 8 linear 2"),
        (""" "rope_parameters": {"partial_rotary_factor": 0.5}, "rope_scaling": {"type": "linear", "factor": 2.0} """, "!partial_rotary_factor would be 0.25"),
        (""" "rope_parameters": {"mrope_section": [1, 1, 0], "mrope_interleaved": true, "rope_theta": 700.0, "rope_type": "default"} """, "700"),
    ];

    private static readonly (string Fields, string Expected)[] s_byKind =
    [
        ("", "1000000 | 10000"),
        (""" "rope_theta": 500.0 """, "500 | 10000"),
        (""" "rope_local_base_freq": 300.0 """, "1000000 | 300"),
        (""" "rope_theta": null """, "!rope_theta = null"),
        (""" "rope_local_base_freq": null """, "!rope_local_base_freq = null"),
        (""" "rope_parameters": null """, "1000000 | 10000"),
        (""" "rope_parameters": {} """, "1000000 | 10000"),
        (""" "rope_parameters": {"full_attention": null, "sliding_attention": null} """, "1000000 | 10000"),
        (""" "rope_parameters": {"full_attention": {"rope_type": "default"}, "sliding_attention": {"rope_type": "default"}}, """ +
            """ "rope_theta": 500.0, "rope_local_base_freq": 300.0 """,
            "500 | 300"),
        (""" "rope_parameters": {"full_attention": {"rope_theta": 700.0}} """, "700 | 10000"),
        (""" "rope_parameters": {"sliding_attention": {"rope_theta": 300.0}} """, "1000000 | 300"),
        (""" "rope_parameters": {"full_attention": {"rope_theta": 700.0}}, "rope_theta": 500.0 """, "700 | 10000"),
        (""" "rope_parameters": {"full_attention": {"rope_theta": null}} """, "!rope_theta = null"),
        (""" "rope_parameters": {"full_attention": {"type": "linear", "factor": 8.0}} """, "1000000 linear 8 | 10000"),
        (""" "rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 8.0}, "sliding_attention": {"rope_type": "linear", "factor": 2.0}} """,
            "1000000 linear 8 | 10000 linear 2"),
        (""" "rope_scaling": {"rope_type": "linear", "factor": 8.0} """, "1000000 linear 8 | 10000"),
        (""" "rope_scaling": {"rope_type": "linear", "type": "linear", "factor": 8.0} """, "1000000 linear 8 | 10000"),
        (""" "rope_scaling": {"rope_type": "linear", "factor": 8.0, "rope_theta": 700.0}, "rope_theta": 500.0 """, "700 linear 8 | 10000"),
        (""" "rope_scaling": null, "rope_theta": 500.0 """, "500 | 10000"),
        (""" "rope_scaling": {}, "rope_theta": 500.0 """, "500 | 10000"),
        // Together: rope_scaling is laid over the full attention's settings.
        (""" "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 700.0}, "sliding_attention": {"rope_theta": 300.0}}, """ +
            """ "rope_scaling": {"rope_type": "linear", "factor": 8.0} """,
            "700 linear 8 | 300"),
        (""" "rope_parameters": {"full_attention": {"rope_theta": 700.0}}, "rope_scaling": {"type": "linear", "factor": 8.0} """, "700 linear 8 | 10000"),
        (""" "rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 2.0}}, "rope_scaling": {"factor": 8.0} """, "1000000 linear 8 | 10000"),
        (""" "rope_scaling": {"type": "linear", "factor": 8.0} """, "!'type'"),
        (""" "rope_parameters": {"full_attention": {"rope_type": "default"}}, "rope_scaling": {"type": "linear", "factor": 8.0} """, "!'type'"),
        (""" "rope_parameters": {"rope_type": "default", "rope_theta": 500.0} """, "!rope_type stands beside"),
        (""" "rope_parameters": {"full_attention": {"rope_theta": 700.0}, "rope_theta": 500.0} """, "!rope_theta stands beside"),
        (""" "rope_scaling": {"full_attention": {"rope_type": "linear", "factor": 8.0}} """, "!full_attention"),
        (""" "rope_scaling": {"rope_type": "yarn", "factor": 8.0} """, "!'yarn'"),
        (""" "rope_parameters": {"sliding_attention": {"type": "dynamic", "factor": 8.0}} """, "!'dynamic'"),
        (""" "rope_parameters": {"full_attention": {"rope_type": "longrope"}} """, "!'longrope'"),
        (""" "partial_rotary_factor": 0.5 """, "!partial_rotary_factor"),
        (""" "rope_parameters": {"full_attention": {"partial_rotary_factor": 0.5}} """, "!partial_rotary_factor"),
    ];

    public static IEnumerable<TheoryDataRow<string, string, string>> Rows =>
    [
        .. new[]
        {
            "llama", "qwen2", "qwen3", "mistral",
        }.SelectMany(family => s_one.Concat(s_whole).Select(row => new TheoryDataRow<string, string, string>(family, row.Fields, row.Expected))),
        .. s_one.Concat(s_partial).Select(row => new TheoryDataRow<string, string, string>("qwen3_5_text", row.Fields, row.Expected)),
        .. s_byKind.Select(row => new TheoryDataRow<string, string, string>("gemma3_text", row.Fields, row.Expected)),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Settings_are_read_from_wherever_they_stand(string family, string fields, string expected)
    {
        JsonObject config = TinyCheckpoint.ConfigOf(family);
        config.Remove(RopeReader.Parameters);
        foreach ((string name, JsonNode? value) in JsonNode.Parse($"{{{fields}}}")!.AsObject())
            config[name] = value?.DeepClone();
        if (expected.StartsWith('!'))
        {
            CheckpointException error = Assert.ThrowsAny<CheckpointException>(() => TinyCheckpoint.Parse(config));
            Assert.Contains(expected[1..], error.Message, StringComparison.Ordinal);
            Assert.StartsWith("config.json", error.File, StringComparison.Ordinal);
            return;
        }

        DecoderConfiguration read = TinyCheckpoint.Parse(config);
        int whole = family == "qwen3_5_text" ? read.Attention.HeadSize / 4 : read.Attention.HeadSize;
        Assert.Equal(expected, read switch
        {
            SoftmaxConfiguration softmax => Text(softmax.Rope, whole),
            Qwen35Configuration qwen35 => Text(qwen35.Rope, whole),
            Gemma3Configuration gemma3 => $"{Text(gemma3.Rope, whole)} | {Text(gemma3.LocalRope, whole)}",
            _ => throw new InvalidOperationException(family),
        });
    }

    [Theory]
    [InlineData(""" "rope_scaling": {"rope_type": "linear", "factor": 8.0} """, "rope_scaling stands beside text_config")]
    [InlineData(""" "rope_theta": 500.0 """, "rope_theta stands beside text_config")]
    public void Settings_beside_the_language_models_own_are_refused(string fields, string named)
    {
        JsonObject text = TinyCheckpoint.ConfigOf("gemma3_text");
        text.Remove(RopeReader.Parameters);
        JsonObject config = JsonNode.Parse($"{{{fields}, \"model_type\": \"gemma3\"}}")!.AsObject();
        config["text_config"] = text;
        Assert.Contains(named, Assert.Throws<UnsupportedCheckpointException>(() => TinyCheckpoint.Parse(config)).Message, StringComparison.Ordinal);
    }

    private static string Text(RopeSettings rope, int whole)
    {
        string share = rope.Channels == whole ? "" : $" of {rope.Channels}", linear = rope.LinearFactor == 1 ? "" : $" linear {rope.LinearFactor}";
        string bands = rope.Llama3 is { } b ? $" llama3 {b.Factor} {b.LowFrequencyFactor} {b.HighFrequencyFactor} {b.OriginalPositions}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{rope.Theta}{share}{linear}{bands}");
    }
}
