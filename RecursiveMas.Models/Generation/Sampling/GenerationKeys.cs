using Microsoft.Extensions.Logging;
using RecursiveMas.Configuration;

namespace RecursiveMas.Generation.Sampling;

/// <summary>What becomes of each key of a <c>generation_config.json</c>: none is dropped without a word.</summary>
internal static class GenerationKeys
{
    private const string Bookkeeping = "says where the file comes from";
    private const string Call = "the call always says it";
    private const string Output = "asks for results beside the text";
    private const string Store = "says how a cache is stored, not what it holds";
    private const string Beams = "acts on beams alone, of which there is one";
    private const string Draft = "makes the same text faster with a draft of it";
    private const string Speed = "makes the same text faster or in less memory";

    /// <summary>Keys whose values <see cref="ModelSamplingDefaults"/> reads.</summary>
    public static IReadOnlySet<string> Honoured { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "do_sample", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "min_new_tokens", "min_length",
    };

    /// <summary>Keys that change no text here, with the reason.</summary>
    public static IReadOnlyDictionary<string, string> WithoutEffect { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["_from_model_config"] = Bookkeeping,
        ["_commit_hash"] = Bookkeeping,
        ["_original_object_hash"] = Bookkeeping,
        ["transformers_version"] = Bookkeeping,
        ["max_length"] = Call,
        ["max_new_tokens"] = Call,
        ["eos_token_id"] = "the tokenizer's end-of-sequence token ends a text",
        ["bos_token_id"] = "the template or the tokenizer writes it",
        ["pad_token_id"] = "the tokenizer names it",
        ["decoder_start_token_id"] = "belongs to models with an encoder",
        ["is_assistant"] = Draft,
        ["num_assistant_tokens"] = Draft,
        ["num_assistant_tokens_schedule"] = Draft,
        ["assistant_confidence_threshold"] = Draft,
        ["assistant_early_exit"] = Draft,
        ["assistant_lookbehind"] = Draft,
        ["assistant_ensemble_weight"] = Draft,
        ["target_lookbehind"] = Draft,
        ["prompt_lookup_num_tokens"] = Draft,
        ["max_matching_ngram_size"] = Draft,
        ["use_mtp"] = Draft,
        ["early_stopping"] = Beams,
        ["length_penalty"] = Beams,
        ["use_cache"] = Speed,
        ["low_memory"] = Speed,
        ["prefill_chunk_size"] = Speed,
        ["compile_config"] = Speed,
        ["disable_compile"] = Speed,
        ["continuous_batching_config"] = Speed,
        ["max_cache_len"] = Store,
        ["return_legacy_cache"] = Store,
        ["output_attentions"] = Output,
        ["output_hidden_states"] = Output,
        ["output_scores"] = Output,
        ["output_logits"] = Output,
        ["return_dict_in_generate"] = Output,
        ["renormalize_logits"] = "the scores become probabilities in any case",
        ["remove_invalid_values"] = "scores that are not numbers are an error here",
    };

    /// <summary>
    /// Keys that change texts in a way that is not computed here, with the one value beside null that asks for nothing, as JSON; null if there is none.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> Refused { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["num_beams"] = "1",
        ["num_beam_groups"] = "1",
        ["diversity_penalty"] = "0",
        ["num_return_sequences"] = "1",
        ["penalty_alpha"] = "0",
        ["dola_layers"] = null,
        ["max_time"] = null,
        ["stop_strings"] = "[]",
        ["top_h"] = null,
        ["typical_p"] = "1",
        ["epsilon_cutoff"] = "0",
        ["eta_cutoff"] = "0",
        ["encoder_repetition_penalty"] = "1",
        ["no_repeat_ngram_size"] = "0",
        ["encoder_no_repeat_ngram_size"] = "0",
        ["bad_words_ids"] = "[]",
        ["sequence_bias"] = "[]",
        ["suppress_tokens"] = "[]",
        ["begin_suppress_tokens"] = "[]",
        ["forced_bos_token_id"] = null,
        ["forced_eos_token_id"] = null,
        ["forced_decoder_ids"] = "[]",
        ["force_words_ids"] = "[]",
        ["constraints"] = "[]",
        ["exponential_decay_length_penalty"] = null,
        ["guidance_scale"] = "1",
        ["token_healing"] = "false",
        ["watermarking_config"] = null,
        ["cache_config"] = "{}",
        ["generation_kwargs"] = "{}",
    };

    /// <summary>Judges every key of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="logger">Warned of keys that transformers does not know either, and so leaves without effect.</param>
    /// <exception cref="UnsupportedCheckpointException">A key asks for what is not computed here.</exception>
    public static void Judge(ConfigReader file, ILogger? logger)
    {
        foreach (string key in file.Names)
        {
            if (Refused.TryGetValue(key, out string? neutral))
                Require(!file.Has(key) || (neutral is not null && file.Is(key, neutral)), key, neutral is null ? "null" : $"null, {neutral}");
            else if (key == "cache_implementation")
                Require(!file.Has(key) || file.OptionalText(key) != "quantized", key, "an exact cache");
            else if (!Honoured.Contains(key) && !WithoutEffect.ContainsKey(key))
                logger?.LogWarning("{File}: the key {Key} is unknown and has no effect", file.File, key);
        }

        void Require(bool supported, string key, string allowed) =>
            file.Require(supported, key, $"{allowed}. Texts would differ; take the key out of the file to do without it");
    }
}
