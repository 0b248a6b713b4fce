using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using RecursiveMas.Checkpoints;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Models.Tests.Generation;

/// <summary>Every key that transformers' GenerationConfig has is honoured, without effect for a reason, or refused by name.</summary>
public class GenerationKeysTests
{
    // The fields of GenerationConfig in transformers 5.
    private static readonly string[] s_known =
    [
        "max_length", "max_new_tokens", "min_length", "min_new_tokens", "early_stopping", "max_time", "stop_strings", "do_sample", "num_beams", "use_mtp",
        "use_cache", "cache_implementation", "cache_config", "max_cache_len", "return_legacy_cache", "prefill_chunk_size", "temperature", "top_k", "top_p",
        "min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff", "repetition_penalty", "encoder_repetition_penalty", "length_penalty",
        "no_repeat_ngram_size", "bad_words_ids", "renormalize_logits", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
        "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "sequence_bias", "token_healing", "guidance_scale",
        "watermarking_config", "num_return_sequences", "output_attentions", "output_hidden_states", "output_scores", "output_logits",
        "return_dict_in_generate", "pad_token_id", "bos_token_id", "eos_token_id", "encoder_no_repeat_ngram_size", "decoder_start_token_id", "is_assistant",
        "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold", "prompt_lookup_num_tokens", "max_matching_ngram_size",
        "assistant_early_exit", "assistant_lookbehind", "target_lookbehind", "assistant_ensemble_weight", "compile_config", "disable_compile",
        "continuous_batching_config", "low_memory", "penalty_alpha", "dola_layers", "diversity_penalty", "num_beam_groups", "constraints", "force_words_ids",
        "forced_decoder_ids", "generation_kwargs", "_commit_hash", "_from_model_config", "_original_object_hash", "transformers_version",
    ];

    public static IEnumerable<TheoryDataRow<string>> Known => s_known.Select(key => new TheoryDataRow<string>(key));

    public static TheoryData<string, string> Effective => new()
    {
        { "num_beams", "4" },
        { "num_beam_groups", "2" },
        { "diversity_penalty", "0.5" },
        { "num_return_sequences", "2" },
        { "penalty_alpha", "0.6" },
        { "dola_layers", "\"high\"" },
        { "max_time", "3.5" },
        { "stop_strings", "[\"END\"]" },
        { "stop_strings", "\"END\"" },
        { "top_h", "0.4" },
        { "typical_p", "0.9" },
        { "epsilon_cutoff", "0.0003" },
        { "eta_cutoff", "0.0003" },
        { "encoder_repetition_penalty", "1.2" },
        { "no_repeat_ngram_size", "3" },
        { "encoder_no_repeat_ngram_size", "3" },
        { "bad_words_ids", "[[7]]" },
        { "sequence_bias", "[[[7], -10.0]]" },
        { "suppress_tokens", "[7]" },
        { "begin_suppress_tokens", "[7]" },
        { "forced_bos_token_id", "1" },
        { "forced_eos_token_id", "2" },
        { "forced_decoder_ids", "[[1, 50259]]" },
        { "force_words_ids", "[[7]]" },
        { "constraints", "[{}]" },
        { "exponential_decay_length_penalty", "[10, 1.1]" },
        { "guidance_scale", "1.5" },
        { "token_healing", "true" },
        { "watermarking_config", "{\"bias\": 2.5}" },
        { "cache_implementation", "\"quantized\"" },
        { "cache_config", "{\"nbits\": 4}" },
        { "generation_kwargs", "{\"num_beams\": 4}" },
    };

    public static TheoryData<string, string> Idle => new()
    {
        { "num_beams", "1" },
        { "num_beam_groups", "1" },
        { "diversity_penalty", "0.0" },
        { "num_return_sequences", "1" },
        { "penalty_alpha", "0" },
        { "stop_strings", "[]" },
        { "typical_p", "1.0" },
        { "epsilon_cutoff", "0.0" },
        { "eta_cutoff", "0" },
        { "encoder_repetition_penalty", "1.0" },
        { "no_repeat_ngram_size", "0" },
        { "encoder_no_repeat_ngram_size", "0" },
        { "suppress_tokens", "[]" },
        { "guidance_scale", "1" },
        { "token_healing", "false" },
        { "cache_implementation", "\"hybrid\"" },
        { "cache_implementation", "\"static\"" },
        { "max_new_tokens", "2048" },
        { "eos_token_id", "[151645, 151643]" },
        { "use_cache", "false" },
        { "length_penalty", "2.0" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Every_known_key_has_one_fate(string key)
    {
        bool[] fates =
        [
            GenerationKeys.Honoured.Contains(key),
            GenerationKeys.WithoutEffect.ContainsKey(key),
            GenerationKeys.Refused.ContainsKey(key),
            key == "cache_implementation",
        ];
        Assert.Equal(1, fates.Count(fate => fate));
        // As null it says nothing.
        Assert.Empty(Read($$"""{ "{{key}}": null }"""));
    }

    [Fact]
    public void Every_key_stands_in_the_documentation()
    {
        string page = File.ReadAllText(Path.Combine(Goldens.RepositoryRoot, "docs", "checkpoints.md"));
        Assert.All(s_known, key => Assert.Contains($"`{key}`", page, StringComparison.Ordinal));
        Assert.All(GenerationKeys.WithoutEffect, entry => Assert.NotEmpty(entry.Value));
    }

    [Theory]
    [MemberData(nameof(Effective))]
    public void What_would_change_the_text_is_refused_by_name(string key, string value)
    {
        UnsupportedCheckpointException error = Assert.Throws<UnsupportedCheckpointException>(() => Read($$"""{ "do_sample": true, "{{key}}": {{value}} }"""));
        Assert.Contains($"{key} = {value}", error.Message, StringComparison.Ordinal);
        Assert.Equal("generation_config.json", error.File);
    }

    [Fact]
    public void Every_refused_key_is_tried() =>
        Assert.Equal(
            GenerationKeys.Refused.Keys.Append("cache_implementation").Order(StringComparer.Ordinal),
            Effective.Select(row => row.Data.Item1).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Idle))]
    public void What_asks_for_nothing_is_accepted(string key, string value) => Assert.Empty(Read($$"""{ "{{key}}": {{value}} }"""));

    [Fact]
    public void An_unknown_key_is_named_in_a_warning()
    {
        FakeLogRecord warning = Assert.Single(Read("""{ "temperature": 0.5, "presence_penalty": 1.5 }"""));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("presence_penalty", warning.Message, StringComparison.Ordinal);
        Assert.Contains("generation_config.json", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_in_a_warning()
    {
        string folder = Directory.CreateTempSubdirectory("generation-").FullName;
        try
        {
            var log = new FakeLogger();
            Assert.Null(ModelSamplingDefaults.Read(CheckpointFolder.FromDirectory(folder), log));
            FakeLogRecord warning = Assert.Single(log.Collector.GetSnapshot());
            Assert.Equal(LogLevel.Warning, warning.Level);
            Assert.Contains(Path.Combine(folder, "generation_config.json"), warning.Message, StringComparison.Ordinal);
            Assert.Contains("top_k = 50", warning.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<FakeLogRecord> Read(string json)
    {
        var log = new FakeLogger();
        ModelSamplingDefaults.Parse(CheckpointJson.ParseObject(Encoding.UTF8.GetBytes(json), "generation_config.json"), "generation_config.json", log);
        return log.Collector.GetSnapshot();
    }
}
