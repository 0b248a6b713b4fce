using System.Text.Json;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

public class ChatPromptRendererTests
{
    private const string NoSystem =
        "{{ bos_token }}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate " +
        "user/assistant/user/assistant/...') }}{% endif %}<{{ m.role }}>"
        + "{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}[{{ p.text }}]{% endfor %}{% endif %}{% endfor %}";

    [Fact]
    public void System_text_moves_before_the_first_user_text_where_roles_must_alternate() =>
        Assert.Equal("<s><user> be kind \n\n q ", Render(NoSystem, [new("system", " be kind "), new("user", " q ")]));

    [Fact]
    public void Several_system_texts_are_joined_and_empty_ones_dropped()
    {
        Assert.Equal("<s><user>a\n\nb\n\nq", Render(NoSystem, [new("system", "a"), new("system", ""), new("user", "q"), new("system", "b")]));
        Assert.Equal("<s><user>q", Render(NoSystem, [new("system", ""), new("user", "q")]));
        Assert.Equal("<s><user>a", Render(NoSystem, [new("system", "a")]));
    }

    [Fact]
    public void System_text_becomes_a_part_of_content_in_parts()
    {
        object parts = new[] { new Dictionary<string, object?> { ["type"] = "text", ["text"] = "q" } };
        Assert.Equal("<s><user>[a\n\n][q]", Render(NoSystem, [new("system", "a"), new("user", parts)]));
        object json = JsonDocument.Parse("""[{"type": "text", "text": "q"}]""").RootElement;
        Assert.Equal(
            "<s><user>[b\n\n][q]",
            Render(NoSystem, [new("system", JsonDocument.Parse("""[{"type": "text", "text": "b"}]""").RootElement), new("user", json)]));
    }

    [Fact]
    public void Other_errors_and_conversations_without_system_text_are_not_merged()
    {
        Assert.Equal(
            "Conversation roles must alternate user/assistant/user/assistant/...",
            Assert.Throws<ChatTemplateException>(() => Render(NoSystem, [new("assistant", "a")])).RaisedMessage);
        Assert.Throws<ChatTemplateException>(() => Render(
            NoSystem,
            [new("system", "a"), new("user", "q")],
            new ChatPromptOptions { MergeSystemMessage = false }));
        Assert.Equal(
            "no system",
            Assert.Throws<ChatTemplateException>(() => Render("{{ raise_exception('no system') }}", [new("system", "a"), new("user", "q")])).RaisedMessage);
    }

    [Theory]
    [InlineData(null, "U")]
    [InlineData(true, "T")]
    [InlineData(false, "F")]
    public void The_thinking_flag_has_three_states(bool? flag, string expected) =>
        Assert.Equal(expected, Render(
            "{{ 'U' if enable_thinking is not defined else 'T' if enable_thinking is true else 'F' }}",
            [new("user", "q")],
            new ChatPromptOptions { EnableThinking = flag }));

    [Fact]
    public void Tools_documents_and_the_generation_prompt_are_always_defined()
    {
        const string Source = "{{ tools }}|{{ documents }}|{{ add_generation_prompt }}";
        Assert.Equal("None|None|True", Render(Source, []));
        Assert.Equal("[{'name': 'f'}]|['d']|False", Render(Source, [], new ChatPromptOptions
        {
            AddGenerationPrompt = false, Tools = [new Dictionary<string, object?> { ["name"] = "f" }], Documents = ["d"],
        }));
    }

    [Fact]
    public void Fields_and_missing_content_are_passed_through()
    {
        const string Source = "{% for m in messages %}{{ m.content is defined }}{{ m | tojson }}{% endfor %}";
        var call = new PromptMessage("assistant", null) { HasContent = false, Fields = new Dictionary<string, object?> { ["tool_calls"] = new[] { "c" } } };
        Assert.Equal("""False{"role": "assistant", "tool_calls": ["c"]}True{"role": "tool", "content": null}""", Render(Source, [call, new("tool", null)]));
    }

    [Fact]
    public void Variables_win_over_special_tokens() =>
        Assert.Equal("x", Render("{{ bos_token }}", [], new ChatPromptOptions { Variables = new Dictionary<string, object?> { ["bos_token"] = "x" } }));

    [Theory]
    [InlineData("{% for m in messages %}<{{ m.content }}>{% endfor %}end", "ab ", "<q><ab ")]
    [InlineData("{% for m in messages %}<{{ m.content | trim }}>{% endfor %}end", "ab ", "<q><ab")]
    public void The_final_message_can_be_continued(string source, string final, string expected)
    {
        var options = new ChatPromptOptions { AddGenerationPrompt = false, ContinueFinalMessage = true };
        Assert.Equal(expected, Render(source, [new("user", "q"), new("assistant", final)], options));
    }

    [Fact]
    public void A_final_message_that_cannot_be_continued_is_an_error()
    {
        var options = new ChatPromptOptions { AddGenerationPrompt = false, ContinueFinalMessage = true };
        Assert.Throws<PromptException>(() => Render("nothing", [new("user", "q")], options));
        Assert.Throws<PromptException>(() => Render("x", [], options));
        Assert.Throws<PromptException>(() => Render("x", [new("assistant", null)], options));
        Assert.Throws<InvalidOptionException>(() => Render("x", [new("user", "q")], new ChatPromptOptions { ContinueFinalMessage = true }));
    }

    [Fact]
    public void Parts_of_a_final_message_are_continued_at_their_last_text()
    {
        object parts = JsonDocument.Parse("""[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"type": "image"}]""").RootElement;
        const string Source = "{% for p in messages[0].content %}{{ p.text if p.type == 'text' else '<img>' }}{% endfor %}";
        Assert.Equal("ab", Render(Source, [new("assistant", parts)], new ChatPromptOptions { AddGenerationPrompt = false, ContinueFinalMessage = true }));
    }

    [Fact]
    public void Markers_in_user_text_come_out_as_they_went_in()
    {
        const string Marker = "\u27E6slot 3f9a {{ x }} {% if %} \u27E7";
        string prompt = Render("{% for m in messages %}[{{ m.content }}]{% endfor %}", [new("user", $"a {Marker} b")]);
        Assert.Equal($"[a {Marker} b]", prompt);
    }

    private static string Render(string source, PromptMessage[] messages, ChatPromptOptions? options = null) =>
        new ChatPromptRenderer(ChatTemplateSet.FromTemplate(ChatTemplate.Parse(source)), new Dictionary<string, string> { ["bos_token"] = "<s>" }).Render(
            messages,
            options);
}
