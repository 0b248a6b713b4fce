using RecursiveMas.Catalogue;
using RecursiveMas.Options;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>
/// Faults of the reference implementation that published figures depend on: mended by default, kept on request. Those of the answer pass have tests
/// of their own.
/// </summary>
public sealed class CompatibilityTests
{
    [Fact]
    public void In_later_rounds_the_planner_is_told_of_code_unless_the_reference_is_followed()
    {
        StyleDefinition style = StyleCatalogue.Find("sequential_light");
        IPromptSource reference = style.ReferencePrompts!(style.Prompts);
        var code = new MasQuestion("Write f.") { Kind = TaskKind.Code, FunctionName = "f" };
        var math = new MasQuestion("Write f.");
        Assert.NotEqual(style.Prompts.GetPrompt("planner", 2, math).User, style.Prompts.GetPrompt("planner", 2, code).User);
        Assert.Equal(style.Prompts.GetPrompt("planner", 2, math).User, reference.GetPrompt("planner", 2, code).User);
        Assert.Equal(style.Prompts.GetPrompt("planner", 1, code).User, reference.GetPrompt("planner", 1, code).User);
        Assert.Equal(style.Prompts.GetPrompt("solver", 2, code).User, reference.GetPrompt("solver", 2, code).User);
        Assert.Equal(["sequential_light", "sequential_scaled"], StyleCatalogue.All.Where(one => one.ReferencePrompts is not null).Select(one => one.Name));
    }

    [Theory]
    [InlineData(MasCompatibility.Default, null, 0.2)]
    [InlineData(MasCompatibility.Default, 0.9, 0.9)]
    [InlineData(MasCompatibility.Reference, 0.9, 0.2)]
    public void Code_is_drawn_at_its_own_temperature(MasCompatibility compatibility, double? asked, double used)
    {
        SamplingOptions? sampling = asked is null ? null : new SamplingOptions { DoSample = true, Temperature = asked };
        var options = new MasOptions { Compatibility = compatibility, Sampling = sampling };
        Assert.Equal(used, AskSettings.Resolve(null, options, new StyleDefaults(), TaskKind.Code).Sampling.Temperature);
        Assert.Equal(asked ?? 0.6, AskSettings.Resolve(null, options, new StyleDefaults(), TaskKind.Math).Sampling.Temperature);
    }

    [Theory]
    [InlineData(MasCompatibility.Reference, null)]
    [InlineData(MasCompatibility.Default, ModelDtype.Stored)]
    public async Task On_a_cpu_the_reference_computes_in_the_stored_type(MasCompatibility compatibility, ModelDtype? same)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(
            "sequential_tiny",
            new MasOptions { Dtype = same ?? ModelDtype.Auto, Compatibility = compatibility },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(mas.Agents.Values, agent => Assert.Equal(ScalarType.BFloat16, ((ILatentAgent)agent).EmbeddingDtype));
    }

    [Fact]
    public async Task A_type_that_is_asked_for_counts_in_both_modes()
    {
        foreach (MasCompatibility compatibility in Enum.GetValues<MasCompatibility>())
        {
            await using MasSystem mas = await MasSystem.LoadAsync(
                "sequential_tiny",
                new MasOptions { Dtype = ModelDtype.Float32, Compatibility = compatibility },
                cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(ScalarType.Float32, ((ILatentAgent)mas.Agents["planner"]).EmbeddingDtype);
        }
    }
}
