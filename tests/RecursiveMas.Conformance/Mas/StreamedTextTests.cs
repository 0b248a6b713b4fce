using System.Text.RegularExpressions;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>What a stream shows of a text is the whole text, wherever the writer stops: also inside a character.</summary>
public sealed class StreamedTextTests
{
    private const int MostTokens = 10;
    private const int Seeds = 2;

    public static IEnumerable<TheoryDataRow<string>> Styles() => Goldens.Subfolders("mas");

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Pieces_are_the_text(string style)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(
            Goldens.Folder("mas", style),
            new MasOptions { Dtype = ModelDtype.Float32 },
            cancellationToken: TestContext.Current.CancellationToken);
        int torn = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            for (int tokens = 1; tokens <= MostTokens; tokens++)
            {
                string streamed = "";
                MasAnswer? answer = null;
                // Hot enough that any token may come, single bytes too.
                var options = new AskOptions
                {
                    Rounds = 1,
                    LatentSteps = 1,
                    MaxNewTokens = tokens,
                    AnswerPass = false,
                    Seed = seed,
                    Sampling = new SamplingOptions { DoSample = true, Temperature = 50, TopK = 0, TopP = 1 },
                };
                await foreach (MasUpdate update in mas.AskStreamingAsync(new MasQuestion("What is 3 + 4?"), options, TestContext.Current.CancellationToken))
                {
                    streamed += update is TokenWritten written ? written.Text : "";
                    answer = update is AnswerReady ready ? ready.Answer : answer;
                }

                Assert.Equal(answer!.Text, Regex.Replace(streamed, @"^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$", ""));
                torn += answer.Text.EndsWith('\uFFFD') ? 1 : 0;
            }
        }

        Assert.True(torn > 0, "No text ended inside a character.");
    }
}
