using System.Text.Json;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

public sealed class ChatTemplateSetTests : IDisposable
{
    private static readonly Dictionary<string, object?> Nothing = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chat-template-set-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_jinja_file_wins_over_every_configuration()
    {
        Write("tokenizer_config.json", Json(new { chat_template = "config" }));
        Write("chat_template.json", Json(new { chat_template = "json" }));
        Assert.Equal("config", Load().Get().Render(Nothing));
        Write("chat_template.jinja", "jinja");
        Assert.Equal("jinja", Load().Get().Render(Nothing));
    }

    [Fact]
    public void The_json_file_counts_where_there_is_nothing_else()
    {
        Write("chat_template.json", Json(new { chat_template = "json" }));
        Assert.Equal("json", Load().Get().Render(Nothing));
        Write("tokenizer_config.json", Json(new { chat_template = (string?)null }));
        Assert.Equal("json", Load().Get().Render(Nothing));
    }

    [Fact]
    public void Named_templates_are_found_by_name_and_by_tools()
    {
        Write(
            "tokenizer_config.json",
            Json(new { chat_template = new[]
            {
                new { name = "default", template = "d" },
                new { name = "tool_use", template = "t" },
                new { name = "rag", template = "r" },
            } }));
        ChatTemplateSet set = Load();
        Assert.Equal(["default", "rag", "tool_use"], set.Names);
        Assert.Equal("d", set.Get().Render(Nothing));
        Assert.Equal("t", set.Get(hasTools: true).Render(Nothing));
        Assert.Equal("r", set.Get("rag", hasTools: true).Render(Nothing));
        var error = Assert.Throws<CheckpointException>(() => set.Get("nope"));
        Assert.Contains("default, rag, tool_use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_templates_without_a_default_need_a_name()
    {
        Write("tokenizer_config.json", Json(new { chat_template = new[] { new { name = "a", template = "1" } } }));
        Assert.Throws<CheckpointException>(() => Load().Get());
        Assert.Equal("1", Load().Get("a").Render(Nothing));
    }

    [Fact]
    public void Files_of_the_additional_folder_join_the_jinja_file()
    {
        Write("chat_template.jinja", "d");
        Write("tokenizer_config.json", Json(new { chat_template = new[] { new { name = "rag", template = "r" } } }));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "additional_chat_templates"));
        Write("additional_chat_templates/tool_use.jinja", "t");
        Write("additional_chat_templates/notes.txt", "n");
        ChatTemplateSet set = Load();
        Assert.Equal(["default", "tool_use"], set.Names);
        Assert.Equal("t", set.Get(hasTools: true).Render(Nothing));
    }

    [Fact]
    public void A_folder_without_template_says_so()
    {
        Write("tokenizer_config.json", "{}");
        var error = Assert.Throws<CheckpointException>(Load);
        Assert.Contains("has no chat template", error.Message, StringComparison.Ordinal);
        Assert.Equal(_folder.FullName, error.File);
    }

    [Theory]
    [InlineData("{\"chat_template\": 5}")]
    [InlineData("{\"chat_template\": [1]}")]
    [InlineData("{\"chat_template\": [{\"name\": \"a\"}]}")]
    [InlineData("{\"chat_template\": {\"name\": \"a\"}}")]
    [InlineData("not json")]
    public void Damaged_configurations_are_typed_errors(string json)
    {
        Write("tokenizer_config.json", json);
        var error = Assert.ThrowsAny<CheckpointException>(Load);
        Assert.EndsWith("tokenizer_config.json", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_utf8_is_a_typed_error()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "chat_template.jinja"), [0x61, 0xFF]);
        Assert.Throws<CheckpointException>(Load);
    }

    [Fact]
    public void A_template_that_cannot_be_parsed_names_its_file_when_it_is_asked_for()
    {
        Write("chat_template.jinja", "{% if %}");
        var error = Assert.Throws<ChatTemplateException>(() => Load().Get());
        Assert.EndsWith("chat_template.jinja", error.TemplateName, StringComparison.Ordinal);
    }

    private ChatTemplateSet Load() => ChatTemplateSet.Load(CheckpointFolder.FromDirectory(_folder.FullName));

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.FullName, file), text);

    private static string Json(object value) => JsonSerializer.Serialize(value);
}
