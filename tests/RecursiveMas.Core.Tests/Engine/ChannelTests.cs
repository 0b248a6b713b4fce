using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>What crosses the edges.</summary>
[Collection(LiveTensors.Collection)]
public sealed class ChannelTests : EngineTestParts
{
    [Theory]
    [InlineData(MasChannel.Latent, 0)]
    [InlineData(MasChannel.None, 3)]
    public async Task Without_steps_nobody_thinks_and_slots_stay_empty(MasChannel channel, int steps)
    {
        await Chain().RunAsync(Request(ChainGraph, rounds: 2, steps) with { Channel = channel }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["solver writes 'solver r2 q<refined>' refined=empty[0,5]"], Log);
    }

    [Fact]
    public async Task Text_channel_hands_over_text()
    {
        RecursionEngine engine = Chain(links: false);
        MasAnswer answer = await engine.RunAsync(
            Request(ChainGraph, rounds: 2) with { Channel = MasChannel.Text },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "planner writes 'planner r1 q'",
                "critic writes 'critic r1 qplanner says so'",
                "solver writes 'solver r1 qcritic says so'",
                "planner writes 'planner r2 qsolver says so'",
                "critic writes 'critic r2 qplanner says so'",
                "solver writes 'solver r2 qcritic says so'",
            ],
            Log);
        Assert.All(answer.Trace, hop => Assert.Null(hop.Dtype));
    }

    [Theory]
    [InlineData(MasChannel.Zero)]
    [InlineData(MasChannel.Noise)]
    public async Task Control_channels_replace_blocks(MasChannel channel)
    {
        RecursionEngine engine = Chain();
        RunRequest request = Request(ChainGraph, rounds: 1) with { Channel = channel, Seed = 4 };
        MasAnswer answer = await engine.RunAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        HopCrossed hop = answer.Trace[0];
        if (channel == MasChannel.Zero)
            Assert.Equal(0, hop.LargestNorm);
        else
            Assert.True(hop.SmallestNorm > 1);
        Assert.Contains(Log, line => line.StartsWith("critic", StringComparison.Ordinal) && !line.Contains("plan=11.5", StringComparison.Ordinal));
        string first = Log[1];
        Log.Clear();
        await engine.RunAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(first, Log[1]);
    }

    [Fact]
    public async Task Noise_differs_from_edge_to_edge_and_round_to_round()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        RecursionEngine engine = Star(blocksRead: blocks =>
        {
            foreach (LatentBlock block in blocks.Values)
                seen.Add(string.Join(
                    ' ',
                    block.Values.flatten().data<float>().Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
        });
        await engine.RunAsync(
            Request(StarGraph, rounds: 3) with { Channel = MasChannel.Noise, Seed = 4 },
            cancellationToken: TestContext.Current.CancellationToken);
        // Three experts are read to in two later rounds, the summarizer by all three in every round. The states below the noise are often alike.
        Assert.Equal(6 + 9, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Shuffled_questions_receive_the_blocks_of_their_neighbours()
    {
        RecursionEngine engine =
            Chain(disturb: (prompt, states) => states + float.Parse(prompt.User[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        long before = Tensor.TotalCount;
        using (var neighbours = new ShuffledNeighbours(3))
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(place => Task.Run(() => engine.RunAsync(
                Request(
                    ChainGraph,
                    rounds: 2) with { Channel = MasChannel.Shuffled, Neighbours = neighbours, Place = place, Question = new MasQuestion($"{place}00") }))));
        }

        // The thoughts of question n are n hundred more than those of question 0.
        Assert.Contains("critic thinks 'critic r1 000<plan>' plan=211.5[2,4]", Log);
        Assert.Contains("critic thinks 'critic r1 100<plan>' plan=11.5[2,4]", Log);
        Assert.Contains("critic thinks 'critic r2 200<plan>' plan=111.5[2,4]", Log);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task A_question_whose_neighbour_fails_does_not_wait_for_ever()
    {
        RecursionEngine engine = Chain(disturb: (prompt, states) => prompt.User[1].Value == "bad" ? throw new InvalidOperationException("broken") : states);
        long before = Tensor.TotalCount;
        using (var neighbours = new ShuffledNeighbours(2))
        {
            Task good = engine.RunAsync(
                Request(ChainGraph, 2) with { Channel = MasChannel.Shuffled, Neighbours = neighbours, Place = 0 },
                cancellationToken: TestContext.Current.CancellationToken);
            RunRequest bad = Request(ChainGraph, 2) with
            {
                Channel = MasChannel.Shuffled,
                Neighbours = neighbours,
                Place = 1,
                Question = new MasQuestion("bad"),
            };
            await Assert.ThrowsAsync<InvalidOperationException>(() => engine.RunAsync(bad, cancellationToken: TestContext.Current.CancellationToken));
            neighbours.Leave(1);
            await Assert.ThrowsAsync<GraphException>(() => good);
        }

        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task Hop_dtype_is_the_senders_or_float32()
    {
        RecursionEngine engine = Chain(dtype: ScalarType.BFloat16);
        MasAnswer answer = await engine.RunAsync(Request(ChainGraph, rounds: 2), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.Float32], answer.Trace.Take(3).Select(hop => hop.Dtype!.Value));
    }
}
