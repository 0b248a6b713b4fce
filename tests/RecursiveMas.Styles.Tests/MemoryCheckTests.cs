using System.Globalization;
using System.Text.RegularExpressions;
using RecursiveMas.Memory;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>A system that does not fit into memory.</summary>
[Collection(LiveTensors.Collection)]
public sealed class MemoryCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_refused_with_the_numbers_and_the_ways_out()
    {
        long all = MasSystem.EstimateMemory("sequential_tiny").Peak,
            one = MasSystem.EstimateMemory("sequential_tiny", new MasOptions { Residency = ModelResidency.OneAtATime }).Peak;
        Assert.True(one < all);
        long tensors = torch.Tensor.TotalCount;
        NotEnoughMemoryException error = await Refused(all - 1);
        TensorChecks.NoMoreLiveThan(tensors);
        Assert.Equal((all, all - 1), (error.Needed, error.Available));
        foreach (string part in new[] { "sequential_tiny", "this machine", "OneAtATime takes", "Int8 takes", "MemoryCheck" })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains("No setting", (await Refused(1)).Message, StringComparison.Ordinal);
        Assert.Contains("OneAtATime and Weights = Int8 together take", (await Refused(1)).Message, StringComparison.Ordinal);

        await using MasSystem fits = await MasSystem.LoadAsync("sequential_tiny", With(all), cancellationToken: Token);
        await using MasSystem follows = await MasSystem.LoadAsync(
            "sequential_tiny",
            With(one) with { Residency = ModelResidency.OneAtATime },
            cancellationToken: Token);
        Assert.Empty(fits.Warnings.Concat(follows.Warnings));

        static async Task<NotEnoughMemoryException> Refused(long bytes) =>
            await Assert.ThrowsAsync<NotEnoughMemoryException>(() => MasSystem.LoadAsync("sequential_tiny", With(bytes), cancellationToken: Token));
    }

    [Fact]
    public async Task Latent_steps_and_tokens_that_do_not_fit_are_what_is_to_be_lowered()
    {
        long plain = MasSystem.EstimateMemory("sequential_tiny").Peak, room = plain + (8 << 20);
        string message = await RefusalAsync(new MasOptions { LatentSteps = int.MaxValue });
        int most = int.Parse(Regex.Match(message, @"LatentSteps of at most (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
        // The number is the largest that fits.
        Assert.InRange(MasSystem.EstimateMemory("sequential_tiny", new MasOptions { LatentSteps = most }).Peak, plain, room);
        Assert.InRange(MasSystem.EstimateMemory("sequential_tiny", new MasOptions { LatentSteps = most + 1 }).Peak, room + 1, long.MaxValue);
        Assert.DoesNotContain("MaxNewTokens", message, StringComparison.Ordinal);

        message = await RefusalAsync(new MasOptions { MaxNewTokens = int.MaxValue });
        Assert.Contains("MaxNewTokens of at most ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("LatentSteps", message, StringComparison.Ordinal);
        message = await RefusalAsync(new MasOptions { LatentSteps = int.MaxValue, MaxNewTokens = int.MaxValue });
        Assert.Matches(@"LatentSteps = \d+ and MaxNewTokens = \d+ together take", message);

        // Where the weights do not fit either, both have to be mended.
        long one = MasSystem.EstimateMemory(
            "sequential_tiny", new MasOptions { Residency = ModelResidency.OneAtATime, Weights = WeightFormat.Int8, LatentSteps = 0 }).Peak;
        message = await RefusalAsync(new MasOptions { LatentSteps = int.MaxValue }, one + 1000);
        Assert.Matches(@"LatentSteps of at most \d+, with Residency = OneAtATime and Weights = Int8, takes", message);

        async Task<string> RefusalAsync(MasOptions options, long? bytes = null) =>
            (await Assert.ThrowsAsync<NotEnoughMemoryException>(() => MasSystem.LoadAsync(
            "sequential_tiny",
            options with { Host = () => new HostMemory(bytes ?? room, "this machine has") },
            cancellationToken: Token))).Message;
    }

    [Fact]
    public async Task It_goes_on_regardless_if_told_so()
    {
        await using MasSystem warned = await MasSystem.LoadAsync("sequential_tiny", With(1) with { MemoryCheck = MemoryCheck.Warn }, cancellationToken: Token);
        Assert.Contains("needs about", Assert.Single(warned.Warnings), StringComparison.Ordinal);
        Assert.Equal("13", (await warned.AskAsync(SystemFixture.Question, Token)).Extracted?.Value);
        await using MasSystem silent = await MasSystem.LoadAsync("sequential_tiny", With(1) with { MemoryCheck = MemoryCheck.None }, cancellationToken: Token);
        Assert.Empty(silent.Warnings);
        Assert.Equal(
            "MemoryCheck",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(
                "sequential_tiny",
                new MasOptions { MemoryCheck = (MemoryCheck)9 },
                cancellationToken: Token))).Option);
    }

    private static MasOptions With(long bytes) => new() { Host = () => new HostMemory(bytes, "this machine has") };
}
