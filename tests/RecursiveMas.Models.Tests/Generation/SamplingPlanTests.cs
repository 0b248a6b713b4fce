using System.Text;
using RecursiveMas.Checkpoints;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Weights;
using Xunit;

namespace RecursiveMas.Models.Tests.Generation;

public class SamplingPlanTests
{
    private static readonly SamplingPlan s_library =
        new(DoSample: false, Temperature: 1, TopK: 50, TopP: 1, MinP: null, RepetitionPenalty: 1, MinNewTokens: 0, MinLength: 0);

    [Fact]
    public void Nothing_given_means_the_librarys_defaults()
    {
        Assert.Equal(s_library, SamplingPlan.Resolve(new SamplingOptions(), null));
        Assert.Equal(s_library, SamplingPlan.Resolve(new SamplingOptions(), Model("{}")));
        Assert.Equal(s_library with { DoSample = true }, SamplingPlan.Resolve(new SamplingOptions { DoSample = true }, null));
    }

    [Fact]
    public void The_models_file_comes_before_the_librarys_defaults_and_the_call_before_the_file()
    {
        ModelSamplingDefaults model = Model("""
            { "do_sample": true, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.1, "repetition_penalty": 1.05, "min_new_tokens": 3, "min_length": 4 }
            """);
        Assert.Equal(new SamplingPlan(true, 0.7, 20, 0.8, 0.1, 1.05, 3, 4), SamplingPlan.Resolve(new SamplingOptions(), model));
        var call = new SamplingOptions { Temperature = 0.6, TopK = 7, TopP = 0.95, MinP = 0, RepetitionPenalty = 1, MinNewTokens = 0, MinLength = 1 };
        Assert.Equal(new SamplingPlan(true, 0.6, 7, 0.95, 0, 1, 0, 1), SamplingPlan.Resolve(call, model));
        Assert.False(SamplingPlan.Resolve(new SamplingOptions { DoSample = false }, model).DoSample);
    }

    [Theory]
    [InlineData(null, null, 50)]
    [InlineData(null, "20", 20)]
    [InlineData(null, "null", 50)]
    [InlineData(null, "0", 0)]
    [InlineData(0, "64", 0)]
    [InlineData(5, "64", 5)]
    public void Top_k_that_is_not_given_is_not_passed(int? call, string? inFile, int expected)
    {
        ModelSamplingDefaults model = Model(inFile is null ? "{}" : $$"""{ "top_k": {{inFile}} }""");
        Assert.Equal(expected, SamplingPlan.Resolve(new SamplingOptions { DoSample = true, TopK = call }, model).TopK);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "0.2", 0.2)]
    [InlineData(0d, "0.2", 0d)]
    [InlineData(0.5, "0.2", 0.5)]
    public void Min_p_that_is_not_given_is_not_passed(double? call, string? inFile, double? expected)
    {
        ModelSamplingDefaults model = Model(inFile is null ? "{}" : $$"""{ "min_p": {{inFile}} }""");
        Assert.Equal(expected, SamplingPlan.Resolve(new SamplingOptions { DoSample = true, MinP = call }, model).MinP);
    }

    [Theory]
    [InlineData(null, 1.05)]
    [InlineData(1d, 1d)]
    [InlineData(1.3, 1.3)]
    public void The_repetition_penalty_is_passed_when_given_also_without_sampling(double? call, double expected)
    {
        ModelSamplingDefaults model = Model("""{ "repetition_penalty": 1.05 }""");
        Assert.Equal(expected, SamplingPlan.Resolve(new SamplingOptions { DoSample = false, RepetitionPenalty = call }, model).RepetitionPenalty);
    }

    [Fact]
    public void Filters_are_neither_taken_nor_judged_without_sampling()
    {
        ModelSamplingDefaults model = Model("""{ "temperature": 0, "top_k": -5, "top_p": 2, "min_p": 3 }""");
        Assert.Equal(s_library, SamplingPlan.Resolve(new SamplingOptions { Temperature = 0.3, TopK = 3, TopP = 0.2, MinP = 0.5 }, model));
        Assert.Empty(LogitsProcessorChain.Create(SamplingPlan.Resolve(new SamplingOptions(), model), [1]).Filters);
    }

    [Theory]
    [InlineData("""{ "temperature": 0 }""", "temperature")]
    [InlineData("""{ "top_k": -1 }""", "top_k")]
    [InlineData("""{ "top_p": 1.5 }""", "top_p")]
    [InlineData("""{ "min_p": -0.1 }""", "min_p")]
    [InlineData("""{ "repetition_penalty": 0 }""", "repetition_penalty")]
    [InlineData("""{ "min_length": -2 }""", "min_length")]
    [InlineData("""{ "temperature": "0.6" }""", "temperature")]
    [InlineData("""{ "top_k": 2.5 }""", "top_k")]
    [InlineData("""{ "do_sample": 1 }""", "do_sample")]
    public void A_bad_value_in_the_file_is_refused_with_the_files_name_unless_the_call_overrides_it(string json, string key)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(() => SamplingPlan.Resolve(new SamplingOptions { DoSample = true }, Model(json)));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Equal("generation_config.json", error.File);
    }

    [Fact]
    public void The_call_saves_a_bad_value_in_the_file()
    {
        SamplingPlan plan = SamplingPlan.Resolve(new SamplingOptions { DoSample = true, Temperature = 0.5 }, Model("""{ "temperature": 0 }"""));
        Assert.Equal(0.5, plan.Temperature);
    }

    [Fact]
    public void The_file_is_read_from_a_checkpoint_and_may_be_absent()
    {
        string folder = Directory.CreateTempSubdirectory("sampling-").FullName;
        try
        {
            Assert.Null(ModelSamplingDefaults.Read(CheckpointFolder.FromDirectory(folder)));
            File.WriteAllText(Path.Combine(folder, ModelSamplingDefaults.FileName), """{ "top_k": 64, "eos_token_id": [1, 106], "do_sample": true }""");
            ModelSamplingDefaults? read = ModelSamplingDefaults.Read(CheckpointFolder.FromDirectory(folder));
            Assert.Equal((64, true, null), (read!.TopK, read.DoSample, read.Temperature));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static TheoryData<string, Action> OutOfRange => new()
    {
        { nameof(SamplingOptions.Temperature), () => _ = new SamplingOptions { Temperature = 0 } },
        { nameof(SamplingOptions.Temperature), () => _ = new SamplingOptions { Temperature = -1 } },
        { nameof(SamplingOptions.Temperature), () => _ = new SamplingOptions { Temperature = double.NaN } },
        { nameof(SamplingOptions.Temperature), () => _ = new SamplingOptions { Temperature = double.PositiveInfinity } },
        { nameof(SamplingOptions.Temperature), () => _ = new SamplingOptions { Temperature = 1e-60 } },
        { nameof(SamplingOptions.TopP), () => _ = new SamplingOptions { TopP = -0.01 } },
        { nameof(SamplingOptions.TopP), () => _ = new SamplingOptions { TopP = 1.01 } },
        { nameof(SamplingOptions.TopP), () => _ = new SamplingOptions { TopP = double.NaN } },
        { nameof(SamplingOptions.TopK), () => _ = new SamplingOptions { TopK = -2 } },
        { nameof(SamplingOptions.MinP), () => _ = new SamplingOptions { MinP = -0.5 } },
        { nameof(SamplingOptions.MinP), () => _ = new SamplingOptions { MinP = 1.5 } },
        { nameof(SamplingOptions.RepetitionPenalty), () => _ = new SamplingOptions { RepetitionPenalty = -1 } },
        { nameof(SamplingOptions.RepetitionPenalty), () => _ = new SamplingOptions { RepetitionPenalty = double.NaN } },
        { nameof(SamplingOptions.MinNewTokens), () => _ = new SamplingOptions { MinNewTokens = -1 } },
        { nameof(SamplingOptions.MinLength), () => _ = new SamplingOptions() with { MinLength = -1 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_range_is_refused_by_name(string option, Action set)
    {
        InvalidOptionException error = Assert.Throws<InvalidOptionException>(set);
        Assert.Equal(option, error.Option);
        Assert.Contains("; give ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ends_of_the_ranges_are_allowed() =>
        Assert.NotNull(new SamplingOptions
        {
            Temperature = 1e-3,
            TopP = 0,
            TopK = int.MaxValue,
            MinP = 1,
            RepetitionPenalty = 0.1,
            MinNewTokens = 0,
            MinLength = int.MaxValue,
        });

    private static ModelSamplingDefaults Model(string json) =>
        ModelSamplingDefaults.Parse(CheckpointJson.ParseObject(Encoding.UTF8.GetBytes(json), "generation_config.json"), "generation_config.json");
}
