using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RecursiveMas.OwnParts;

/// <summary>A system of two agents without models: a bookkeeper who does the sums of a ledger, and a speaker who says what came of them.</summary>
internal static class OwnAgent
{
    public static async Task ShowAsync(TextWriter output)
    {
        var definition = new StyleDefinition
        {
            Name = "counting_house",
            Description = "Adds up a ledger without any model.",
            Graph = new MasGraph([["bookkeeper"], ["speaker"]], [new MasEdge("sums", "bookkeeper", "speaker", "sums")], writer: "speaker"),
            Prompts = new Prompts(),
        };
        var options = new MasOptions
        {
            Channel = MasChannel.Text,
            Rounds = 1,
            Agents =
            {
                ["bookkeeper"] = new Bookkeeper("bookkeeper"),
                // For an agent that is a function from text to text, a lambda will do.
                ["speaker"] = new TextAgent(
                    "speaker",
                    (request, _) => Task.FromResult($"That makes \\boxed{{{request.Prompt.UserText.Split('=')[^1].Trim()}}}.")),
            },
        };
        await output.WriteLineAsync("An agent without a model:");
        await using MasSystem mas = await MasSystem.LoadAsync(definition, folder: null, options);
        await foreach (MasUpdate update in mas.AskStreamingAsync(
            "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?"))
        {
            if (update is TokenWritten written)
                await output.WriteLineAsync($"  {written.Agent}: {written.Text}");
            if (update is AnswerReady ready)
                await output.WriteLineAsync($"  answer: {ready.Answer.Extracted?.Value}");
        }
    }

    private sealed class Prompts : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) => agent == "bookkeeper"
            ? new AgentPrompt("Do the sums.", [PromptPart.Given(question.Text)])
            : new AgentPrompt("Say what came of the sums.", [PromptPart.Text("The sums: "), PromptPart.Slot("sums")]);
    }
}

/// <summary>Reads a question and writes its sums: all that an agent on the text channel has to do.</summary>
internal sealed partial class Bookkeeper(string name) : IAgent
{
    public string Name => name;

    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IAgentSession>(new Session());

    [GeneratedRegex("(?<what>has|gets|loses) (?<number>[0-9]+)")]
    private static partial Regex Entry();

    private sealed class Session : IAgentSession
    {
        private string _read = "";

        public Task<PromptRead> ReadAsync(AgentPrompt prompt, CancellationToken cancellationToken = default)
        {
            _read = prompt.UserText;
            return Task.FromResult(default(PromptRead));
        }

        public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default)
        {
            _read += string.Concat(parts.Select(part => part.Value));
            return Task.FromResult(default(PromptRead));
        }

        public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            string sums = "";
            int total = 0;
            foreach (Match entry in Entry().Matches(_read))
            {
                int number = int.Parse(entry.Groups["number"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
                bool loses = entry.Groups["what"].ValueSpan is "loses";
                total += loses ? -number : number;
                sums += sums.Length == 0 ? $"{number}" : $" {(loses ? '-' : '+')} {number}";
            }

            string text = $"{sums} = {total}";
            yield return new WriteUpdate(null, text);
            yield return new WriteUpdate(null, "", new WrittenText(text, [], FinishReason.EndOfSequence));
        }

        public IAgentSession Fork() => new Session { _read = _read };

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
