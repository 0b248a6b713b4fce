using RecursiveMas.Agents;
using Xunit;

namespace RecursiveMas.Models.Tests.Agents;

/// <summary>Turns of a conversation in a rendered prompt: their order, what is protected, and where slots cut.</summary>
public sealed class RenderedPromptTests
{
    private static readonly AgentPrompt s_prompt = new(
        "Own.", [PromptPart.Text("Solve: "), PromptPart.Given("<q>"), PromptPart.Slot("plan"), PromptPart.Text("End")])
    {
        Instructions = "<i>",
        History = [new MasTurn(MasTurnRole.User, "<u>"), new MasTurn(MasTurnRole.Assistant, "plain")],
    };

    [Fact]
    public void Turns_stand_between_the_system_turn_and_the_prompt()
    {
        RenderedPrompt rendered = Render(messages => string.Concat(messages.Select(message => $"[{message.Role}]{message.Content}")));
        Assert.Equal(2, rendered.Pieces.Count);
        PromptPiece first = rendered.Pieces[0];
        Assert.Equal("[system]Own.\n\n<i>[user]<u>[assistant]plain[user]Solve: <q>", first.Text);
        Assert.Equal(["<i>", "<u>", "<q>"], first.Protected.Select(range => first.Text[range]));
        Assert.Equal(("End", 0), (rendered.Pieces[1].Text, rendered.Pieces[1].Protected.Count));
    }

    [Fact]
    public void A_template_may_print_the_system_turn_in_the_last_turn()
    {
        RenderedPrompt rendered = Render(messages =>
            $"{messages[1].Content}|{messages[2].Content}|{messages[0].Content}|{messages[3].Content}");
        PromptPiece first = rendered.Pieces[0];
        Assert.Equal("<u>|plain|Own.\n\n<i>|Solve: <q>", first.Text);
        Assert.Equal(["<u>", "<i>", "<q>"], first.Protected.Select(range => first.Text[range]));
    }

    [Fact]
    public void A_template_that_drops_a_turn_is_refused() =>
        Assert.Throws<PromptException>(() => Render(messages => $"{messages[0].Content}{messages[3].Content}"));

    [Theory]
    [InlineData(null, null, "[user]x")]
    [InlineData("", null, "[system][user]x")]
    [InlineData("Own.", null, "[system]Own.[user]x")]
    [InlineData(null, "Be brief.", "[system]Be brief.[user]x")]
    [InlineData("", "Be brief.", "[system]Be brief.[user]x")]
    public void A_system_turn_is_there_if_somebody_says_something(string? own, string? instructions, string expected) => Assert.Equal(
        expected,
        RenderedPrompt.Create(
            new AgentPrompt(own, [PromptPart.Given("x")]) { Instructions = instructions },
            _ => false,
            messages => string.Concat(messages.Select(message => $"[{message.Role}]{message.Content}"))).Text);

    private static RenderedPrompt Render(Func<IReadOnlyList<PromptMessage>, string> template) =>
        RenderedPrompt.Create(s_prompt, text => text.Contains('<', StringComparison.Ordinal), template);
}
