using Microsoft.Extensions.AI;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>What agents see of a conversation.</summary>
public sealed class ConversationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_agent_reads_instructions_and_earlier_turns()
    {
        var asked = new List<TextRequest>();
        await using MasSystem system = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "Paris", asked), SmallTalk.Adviser(asked));
        await system.AsIChatClient().GetResponseAsync(
            [
                new(ChatRole.System, "Be brief."),
                new(ChatRole.User, "What is the capital"),
                new(ChatRole.User, "of Italy?"),
                new(ChatRole.Assistant, [new TextReasoningContent("Hm."), new TextContent("Ro"), new TextContent("me")]),
                new(ChatRole.System, "Use English."),
                new(ChatRole.User, "And of France?"),
            ],
            new ChatOptions { Instructions = "You are a guide." },
            Token);
        Assert.Equal(2, asked.Count);
        Assert.All(asked, request =>
        {
            Assert.Equal("You are a guide.\n\nBe brief.\n\nUse English.", request.Prompt.Instructions);
            Assert.Equal(
                [new MasTurn(MasTurnRole.User, "What is the capital\n\nof Italy?"), new MasTurn(MasTurnRole.Assistant, "Rome")],
                request.Prompt.History);
        });
        Assert.Equal(("Advise.", "And of France?"), (asked[0].Prompt.System, asked[0].Prompt.UserText));
        Assert.Equal("And of France?\nBe kind.", asked[1].Prompt.UserText);
    }

    [Fact]
    public async Task A_conversation_of_one_message_is_the_question_alone()
    {
        var asked = new List<TextRequest>();
        await using MasSystem system = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "Yes", asked));
        await system.AsIChatClient().GetResponseAsync("Is it?", cancellationToken: Token);
        Assert.Null(asked[0].Prompt.Instructions);
        Assert.Empty(asked[0].Prompt.History);
    }

    [Fact]
    public async Task What_agents_cannot_read_is_refused()
    {
        await using MasSystem system = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "Yes"));
        IChatClient client = system.AsIChatClient();
        foreach ((ChatMessage[] messages, string sentence) in new (ChatMessage[], string)[]
        {
            ([], "does not end with a message of the user"),
            ([new(ChatRole.System, "Be brief.")], "does not end with a message of the user"),
            ([new(ChatRole.User, "Hi"), new(ChatRole.Assistant, "Hello")], "does not end with a message of the user"),
            ([new(ChatRole.Tool, "4"), new(ChatRole.User, "Hi")], "The message at place 0 has the role 'tool'"),
            ([new(ChatRole.User, "Hi"), new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], "The message at place 1 holds a DataContent"),
            ([new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]), new(ChatRole.User, "Hi")], "holds a FunctionCallContent"),
            ([null!], "The message at place 0 is null"),
        })
        {
            PromptException error = await Assert.ThrowsAsync<PromptException>(() => client.GetResponseAsync(messages, cancellationToken: Token));
            Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
            Assert.Throws<PromptException>(() => client.GetStreamingResponseAsync(messages, cancellationToken: Token));
        }
    }
}
