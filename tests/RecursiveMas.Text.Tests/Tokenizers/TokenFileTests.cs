using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Tokens come from five files. Which of them counts, and what a template sees, is as transformers has it.</summary>
public sealed class TokenFileTests : IDisposable
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\0b")]
    public void PathsThatAreNone(string? path) => Assert.Throws<InvalidOptionException>(() => HuggingFaceTokenizer.Load(path!));

    // 270 tokens of the vocabulary, then <|end|> 270 and <|im|> 271 as added tokens.
    private const int End = 270, Im = 271, Next = 272;

    private readonly TemporaryFolder _folder = new();

    public TokenFileTests() => File.Copy(Path.Combine(Case, "tokenizer.json"), Path.Combine(_folder.Path, "tokenizer.json"));

    private static string Case => Goldens.Folder("cases", "added-tokens-json-only");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_case_that_only_added_tokens_json_tells()
    {
        var tokenizer = HuggingFaceTokenizer.Load(Case);
        Assert.Equal([Next], tokenizer.Encode("<tool>", addSpecialTokens: false));
        Assert.Equal(Next, Assert.Single(tokenizer.Encode("a <tool> b", addSpecialTokens: false), id => id >= Next));
        Assert.Equal("a <tool> b", tokenizer.Decode(tokenizer.Encode("a <tool> b", addSpecialTokens: false), skipSpecialTokens: true));
        Assert.Equal(Next + 1, tokenizer.VocabularySize);
    }

    [Fact]
    public void Added_tokens_json_does_not_count_beside_added_tokens_decoder()
    {
        Write("added_tokens.json", new Dictionary<string, int> { ["<tool>"] = Next });
        Write("tokenizer_config.json", new Dictionary<string, object>
        {
            ["added_tokens_decoder"] = new Dictionary<string, object> { ["272"] = new { content = "<other>", special = true } },
        });
        Assert.Null(Load().TokenToId("<tool>"));
        Assert.Equal(Next, Load().TokenToId("<other>"));
    }

    [Fact]
    public void A_token_of_added_tokens_json_is_special_where_it_is_named()
    {
        Write("added_tokens.json", new Dictionary<string, int> { ["<a>"] = Next, ["<b>"] = Next + 1, ["<c>"] = Next + 2 });
        Write("tokenizer_config.json", new Dictionary<string, object> { ["pad_token"] = "<a>", ["extra_special_tokens"] = new[] { "<b>" } });
        Assert.Equal("<c>", Load().Decode([Next, Next + 1, Next + 2], skipSpecialTokens: true));
        Assert.Equal((Next, Next + 1, Next + 2), (Load().TokenToId("<a>"), Load().TokenToId("<b>"), Load().TokenToId("<c>")));
    }

    [Fact]
    public void Additional_tokens_of_the_map_do_not_make_those_of_added_tokens_json_special()
    {
        Write("added_tokens.json", new Dictionary<string, int> { ["<a>"] = Next, ["<b>"] = Next + 1 });
        Write("special_tokens_map.json", new Dictionary<string, object> { ["additional_special_tokens"] = new[] { "<a>", "<c>" }, ["pad_token"] = "<b>" });
        Assert.Equal("<a>", Load().Decode([Next, Next + 1, Next + 2], skipSpecialTokens: true));
        Assert.Equal("<a><b><c>", Load().Decode([Next, Next + 1, Next + 2], skipSpecialTokens: false));
    }

    [Fact]
    public void Many_added_tokens_are_read_in_one_go()
    {
        const int Many = 100_000;
        Write("added_tokens.json", Enumerable.Range(0, Many).ToDictionary(i => $"<{i}>", i => Next + i));
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Equal([Next + Many - 1], Load().Encode($"<{Many - 1}>", addSpecialTokens: false));
        // A walk that is quadratic takes minutes.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "Reading the file took too long.");
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("\"272\"")]
    public void Ids_of_added_tokens_json_are_whole_numbers(string id)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "added_tokens.json"), $$"""{"<a>": {{id}}}""");
        Assert.Contains("added_tokens.json", Assert.Throws<CheckpointException>(Load).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Next + 5)]
    [InlineData(Next - 1)]
    public void Ids_that_do_not_follow_are_refused(int id)
    {
        Write("tokenizer_config.json", new { });
        Write("added_tokens.json", new Dictionary<string, int> { ["<tool>"] = id });
        string message = Assert.Throws<CheckpointException>(Load).Message;
        foreach (string part in new[] { "added_tokens.json", "<tool>" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_map_overrides_names_where_there_is_no_added_tokens_decoder()
    {
        Write("tokenizer_config.json", new Dictionary<string, object> { ["eos_token"] = "<|end|>", ["pad_token"] = "<|im|>" });
        Write("special_tokens_map.json", new Dictionary<string, object?>
        {
            ["eos_token"] = new { content = "<|im|>", lstrip = false, rstrip = false, normalized = false, single_word = false },
            ["bos_token"] = "<|end|>",
            ["pad_token"] = null,
        });
        HuggingFaceTokenizer tokenizer = Load();
        Assert.Equal((End, Im, null), (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.PadTokenId));
        Assert.Equal(Sorted(("bos_token", "<|end|>"), ("eos_token", "<|im|>")), Sorted(tokenizer));

        Write("tokenizer_config.json", new Dictionary<string, object> { ["eos_token"] = "<|end|>", ["added_tokens_decoder"] = new { } });
        tokenizer = Load();
        Assert.Equal((null, End), (tokenizer.BosTokenId, tokenizer.EosTokenId));
    }

    [Fact]
    public void Every_named_special_token_is_a_token_and_a_variable_of_templates()
    {
        Write("tokenizer_config.json", new Dictionary<string, object?>
        {
            ["eos_token"] = "<|end|>",
            ["image_token"] = "<image>",
            ["audio_token"] = new Dictionary<string, object>
            {
                ["__type"] = "AddedToken",
                ["content"] = "<audio>",
                ["lstrip"] = false,
                ["rstrip"] = true,
                ["normalized"] = false,
                ["single_word"] = false,
            },
            ["extra_special_tokens"] = new Dictionary<string, object> { ["boi"] = "<boi>", ["eoi"] = "<|im|>" },
            ["add_bos_token"] = false,
            ["video_token"] = null,
            ["chat_template"] = "{{ eos_token }}{{ image_token }}{{ audio_token }}{{ boi }}{{ eoi }}{{ video_token is defined }}{{ add_bos_token is defined }}",
        });
        HuggingFaceTokenizer tokenizer = Load();
        Assert.Equal(
            Sorted(("eos_token", "<|end|>"), ("image_token", "<image>"), ("audio_token", "<audio>"), ("boi", "<boi>"), ("eoi", "<|im|>")),
            Sorted(tokenizer));
        string rendered = new ChatPromptRenderer(
            ChatTemplateSet.Load(CheckpointFolder.FromDirectory(_folder.Path)),
            tokenizer.SpecialTokens).Render([new("user", "x")]);
        Assert.Equal("<|end|><image><audio><boi><|im|>FalseFalse", rendered);

        // In the order of the names; one that is there already is not added again, and white space behind the audio token goes with it.
        int[] ids = tokenizer.Encode("<image><audio>  <boi><|im|>", addSpecialTokens: false);
        Assert.Equal([Next, Next + 1, Next + 2, Im], ids);
        Assert.Equal("", tokenizer.Decode(ids, skipSpecialTokens: true));
        Assert.DoesNotContain(Next, tokenizer.Encode("<image>", addSpecialTokens: false, parseSpecialTokens: false));
    }

    [Fact]
    public void Names_of_the_map_and_of_the_model_part_count_too()
    {
        Write("tokenizer_config.json", new Dictionary<string, object> { ["image_token"] = "<image>" });
        Write("special_tokens_map.json", new Dictionary<string, object>
        {
            ["image_token"] = "<other>",
            ["audio_token"] = "<audio>",
            ["additional_special_tokens"] = new[] { "<x>", "<y>" },
            ["extra_special_tokens"] = new { boi = "<boi>" },
        });
        HuggingFaceTokenizer tokenizer = Load();
        Assert.Equal(Sorted(("image_token", "<image>"), ("audio_token", "<audio>"), ("boi", "<boi>")), Sorted(tokenizer));
        Assert.All(["<image>", "<audio>", "<boi>", "<x>", "<y>"], token => Assert.NotNull(tokenizer.TokenToId(token)));
        Assert.Null(tokenizer.TokenToId("<other>"));

        File.Delete(Path.Combine(_folder.Path, "special_tokens_map.json"));
        Write("tokenizer_config.json", new Dictionary<string, object> { ["model_specific_special_tokens"] = new { boi = "<boi>" } });
        Assert.Equal(Sorted(("boi", "<boi>")), Sorted(Load()));
    }

    [Fact]
    public void Flags_of_added_tokens_decoder_win_over_those_of_the_file()
    {
        Assert.True(Load().Encode("<|im|>  ", addSpecialTokens: false).Length > 1);
        Write("tokenizer_config.json", new Dictionary<string, object>
        {
            ["pad_token"] = "<pad>",
            ["added_tokens_decoder"] = new Dictionary<string, object>
            {
                ["271"] = new { content = "<|im|>", special = true, normalized = false, rstrip = true },
                ["272"] = new { content = "<pad>", special = false, normalized = false },
                ["273"] = new { content = "<word>", special = false, normalized = false },
            },
        });
        Assert.Equal([Im], Load().Encode("<|im|>  ", addSpecialTokens: false));
        // A named token is special, whatever its flag says.
        Assert.Equal("<word>", Load().Decode([Next, Next + 1], skipSpecialTokens: true));
    }

    [Theory]
    [InlineData("""{"added_tokens_decoder": {"x": {"content": "<a>"}}}""", "'x'")]
    [InlineData("""{"added_tokens_decoder": {"-1": {"content": "<a>"}}}""", "'-1'")]
    [InlineData("""{"added_tokens_decoder": []}""", "added_tokens_decoder")]
    [InlineData("""{"added_tokens_decoder": {"300": {"content": "<a>"}}}""", "'<a>'")]
    [InlineData("""{"eos_token": ["<a>"]}""", "eos_token")]
    [InlineData("""{"extra_special_tokens": 7}""", "extra_special_tokens")]
    [InlineData("""{"fast_tokenizer_files": ["tokenizer.9.0.0.json", "tokenizer.json"]}""", "tokenizer.9.0.0.json")]
    public void Damaged_declarations_are_refused(string config, string word)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "tokenizer_config.json"), config);
        CheckpointException error = Assert.ThrowsAny<CheckpointException>(Load);
        Assert.Contains("tokenizer_config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_would_lose_a_token_is_refused()
    {
        Write("config.json", new { model_type = "qwen3" });
        Write("tokenizer_config.json", new Dictionary<string, object>
        {
            ["tokenizer_class"] = "Qwen2Tokenizer", ["unk_token"] = "<|end|>", ["eos_token"] = "<|end|>", ["pad_token"] = "<|end|>",
            ["added_tokens_decoder"] = new Dictionary<string, object> { ["270"] = new { content = "<|end|>", special = true, normalized = false } },
        });
        string message = Assert.Throws<UnsupportedCheckpointException>(Load).Message;
        foreach (string part in new[] { "<|im|>", "271", "added_tokens_decoder" })
            Assert.Contains(part, message, StringComparison.Ordinal);
        Write("config.json", new { model_type = "mistral" });
        Assert.Equal(Im, Load().TokenToId("<|im|>"));
    }

    [Theory]
    [InlineData("qwen3")]
    [InlineData("llama")]
    [InlineData("mistral")]
    public void The_folder_of_a_model_needs_its_tokenizer_config(string modelType)
    {
        // Alone, the file is all there is to know.
        Assert.Equal(End, Load().TokenToId("<|end|>"));
        Write("config.json", new { model_type = modelType });
        CheckpointException error = Assert.Throws<CheckpointException>(Load);
        Assert.Equal(Path.Combine(_folder.Path, "tokenizer_config.json"), error.File);
        foreach (string part in new[] { "missing", "Complete the download", "PreTrainedTokenizerFast" })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);

        // What the message says to write, as it stands there.
        string written = error.Message[error.Message.IndexOf('{', StringComparison.Ordinal)..(error.Message.IndexOf('}', StringComparison.Ordinal) + 1)]
            .Replace("...", "<|end|>", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder.Path, "tokenizer_config.json"), written);
        Assert.Equal(End, Load().EosTokenId);
    }

    [Theory]
    [InlineData("PreTrainedTokenizerFast", null)]
    [InlineData("Qwen2TokenizerFast", "<|endoftext|>")]
    public void Config_json_names_the_class_where_the_tokenizer_does_not(string name, string? unknown)
    {
        // Of a model type that has no class of its own.
        Write("config.json", new { model_type = "mistral", tokenizer_class = name });
        Write("tokenizer_config.json", new { });
        Assert.Equal(unknown, Load().SpecialTokens.GetValueOrDefault("unk_token"));
        Write("tokenizer_config.json", new { tokenizer_class = "PreTrainedTokenizerFast" });
        Assert.Null(Load().SpecialTokens.GetValueOrDefault("unk_token"));
    }

    [Fact]
    public void An_unknown_class_of_config_json_is_refused_by_name()
    {
        Write("config.json", new { model_type = "mistral", tokenizer_class = "GPT2Tokenizer" });
        Write("tokenizer_config.json", new { });
        Assert.Contains("GPT2Tokenizer", Assert.Throws<UnsupportedCheckpointException>(Load).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("vocab.json")]
    [InlineData("tekken.json")]
    public void Tokenizers_in_other_forms_are_said_by_name(string file)
    {
        File.Move(Path.Combine(_folder.Path, "tokenizer.json"), Path.Combine(_folder.Path, file));
        string message = Assert.Throws<UnsupportedCheckpointException>(Load).Message;
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", message, StringComparison.Ordinal);
    }

    private HuggingFaceTokenizer Load() => HuggingFaceTokenizer.Load(_folder.Path);

    private void Write(string file, object value) => File.WriteAllBytes(Path.Combine(_folder.Path, file), JsonSerializer.SerializeToUtf8Bytes(value));

    private static string[] Sorted(HuggingFaceTokenizer tokenizer) => Sorted([.. tokenizer.SpecialTokens.Select(entry => (entry.Key, entry.Value))]);

    private static string[] Sorted(params (string Name, string Token)[] tokens) =>
        [.. tokens.Select(token => $"{token.Name} {token.Token}").Order(StringComparer.Ordinal)];
}
