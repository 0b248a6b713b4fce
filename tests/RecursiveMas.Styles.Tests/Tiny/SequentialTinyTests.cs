using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Tiny;

/// <summary>The trained tiny system answers fresh questions as the reference implementation does with the same weights.</summary>
public class SequentialTinyTests
{
    private const string Name = "sequential_tiny";
    private const int Batch = 45;

    [Fact]
    public async Task Texts_and_accuracies_are_the_recorded_ones_and_rise_with_them()
    {
        TinyGolden golden = TinyGolden.Open(Name);
        await using MasSystem mas = await LoadAsync(golden);
        await golden.RequireRecordedAsync(mas);
    }

    [Theory]
    [InlineData(MasChannel.Zero)]
    [InlineData(MasChannel.Noise)]
    [InlineData(MasChannel.Shuffled)]
    public async Task A_broken_channel_falls_to_chance(MasChannel channel)
    {
        TinyGolden golden = TinyGolden.Open(Name);
        await using MasSystem mas = await LoadAsync(golden);
        string[] texts = await golden.AskAsync(mas, new AskOptions { Rounds = 3, Channel = channel, Seed = 1 });
        Assert.InRange(golden.Accuracy(texts), 0, 15);
    }

    [Fact]
    public async Task The_text_channel_works_with_the_same_agents()
    {
        TinyGolden golden = TinyGolden.Open(Name);
        await using MasSystem mas = await LoadAsync(golden);
        // In one round nobody reads the solver's boxed answer, so text carries exactly what the latent blocks carry.
        string[] texts = await golden.AskAsync(mas, new AskOptions { Rounds = 1, Channel = MasChannel.Text });
        Assert.InRange(golden.Accuracy(texts), golden.Accuracy(golden.Questions.Select(question => question.Texts[1])) - 5, 100);
    }

    [Fact]
    public async Task Agents_may_compute_on_different_devices()
    {
        var options = new MasOptions { AgentDevices = { ["critic"] = TestDevice.Name } };
        await using MasSystem mas = await MasSystem.LoadAsync(Name, options, cancellationToken: TestContext.Current.CancellationToken);
        MasAnswer answer = await mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken);
        Assert.EndsWith("\\boxed{13}", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_embedded_system_loads_by_name_and_equals_the_copy_in_a_folder()
    {
        using MasSystem embedded = MasSystem.Load(Name);
        const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";
        MasAnswer answer = await embedded.AskAsync(Question, TestContext.Current.CancellationToken);
        Assert.EndsWith("\\boxed{13}", answer.Text, StringComparison.Ordinal);
        Assert.Equal(3, answer.Rounds);
        Assert.Equal(8, answer.Trace.Count);
    }

    private static Task<MasSystem> LoadAsync(TinyGolden golden) => golden.LoadAsync(Name, TinyPrompts.Sequential(golden), maxNewTokens: 14, Batch);
}
