using System.Reflection;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RecursiveMas.DependencyInjection;
using RecursiveMas.Options;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Options from a configuration, what is wrong with them, and which of them counts where several say something.</summary>
public sealed class OptionTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Everything = """
        {
          "Style": "sequential_tiny", "Folder": "/models", "Download": "Never", "Offline": true, "Device": "cuda:1", "Dtype": "BFloat16",
          "LinkDtype": "Float32",
          "AgentDevices": { "planner": "cpu" }, "AgentDtypes": { "critic": "Float16" }, "Weights": "Packed", "ManagedKernels": false,
          "Residency": "8000000000", "MemoryCheck": "Warn",
          "Compatibility": "Reference", "MaxConcurrency": 3, "MaxQueue": 7, "Steps": { "PromptPositions": 64, "Sessions": 5 },
          "ParseSpecialTokensInQuestions": true,
          "Rounds": 2, "LatentSteps": 9, "MaxNewTokens": 50, "Seed": 42, "Channel": "Text", "AnswerPass": false,
          "AnswerPassTokens": 24, "EnableThinking": true,
          "ReadOutTokens": 4, "StopSequences": ["END", "STOP"], "TelemetryContent": true,
          "Sampling": { "DoSample": true, "Temperature": 0.7, "TopP": 0.9, "TopK": 20, "MinP": 0.1, "RepetitionPenalty": 1.1, "MinNewTokens": 1,
          "MinLength": 2 }
        }
        """;

    // What a text cannot say.
    private static readonly string[] s_codeOnly =
        [
            nameof(MasOptions.ConfirmDownload),
            nameof(MasOptions.Hub),
            nameof(MasOptions.Agents),
            nameof(MasOptions.Links),
            nameof(MasOptions.LinkTypes),
            nameof(MasOptions.Prompts),
            nameof(MasOptions.Tools),
            nameof(MasOptions.Clock),
            nameof(SamplingOptions.LogitsProcessors),
        ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_option_can_be_bound_from_a_configuration()
    {
        MasOptions bound = Json(Everything).Get<MasOptions>()!, fresh = new();
        foreach (PropertyInfo property in Public(typeof(MasOptions)))
            Assert.False(Same(property.GetValue(bound), property.GetValue(fresh)), property.Name);
        foreach (PropertyInfo property in Public(typeof(SamplingOptions)))
            Assert.NotNull(property.GetValue(bound.Sampling));
        Assert.Equal((64, 5), (bound.Steps.PromptPositions, bound.Steps.Sessions));
        Assert.Equal(
            (MasChannel.Text, ModelResidency.Budget(8_000_000_000), ModelDtype.Float16, "cpu"),
            (bound.Channel, bound.Residency, bound.AgentDtypes["critic"], bound.AgentDevices["planner"]));
        Assert.Equal(0.7, bound.Sampling!.Temperature);
        Assert.Equal(new StepOptions(), new MasOptions().Steps);
    }

    [Fact]
    public void A_call_can_be_bound_too()
    {
        AskOptions bound = Json(Everything).Get<AskOptions>()!;
        Assert.Equal(new AskOptions
        {
            Rounds = 2,
            LatentSteps = 9,
            MaxNewTokens = 50,
            Seed = 42,
            Channel = MasChannel.Text,
            AnswerPass = false, AnswerPassTokens = 24, EnableThinking = true, ReadOutTokens = 4,
            StopSequences = bound.StopSequences,
            TelemetryContent = true,
            MaxConcurrency = 3,
            Sampling = bound.Sampling,
        }, bound);
        Assert.Equal(20, bound.Sampling!.TopK);
    }

    [Theory]
    [InlineData("all", "All")]
    [InlineData("OneAtATime", "OneAtATime")]
    public void A_residency_is_written_as_its_name(string text, string member) =>
        Assert.Equal(typeof(ModelResidency).GetProperty(member)!.GetValue(null), Json($$"""{ "Residency": "{{text}}" }""").Get<MasOptions>()!.Residency);

    [Fact]
    public async Task A_host_loads_what_its_configuration_says()
    {
        await using ServiceProvider host = new ServiceCollection()
            .AddRecursiveMas(Json("""{ "Style": "sequential_tiny", "Rounds": 1, "MaxNewTokens": 3, "AnswerPass": false }"""))
            .Services.BuildServiceProvider();
        MasSystem mas = await host.GetRequiredService<MasSystemSource>().GetAsync(Token);
        MasAnswer answer = await mas.AskAsync(SystemFixture.Question, Token);
        Assert.Equal((1, 3), (answer.Rounds, answer.TokenIds.Count));
    }

    [Fact]
    public async Task Every_wrong_option_is_named_before_anything_is_loaded()
    {
        await using ServiceProvider host = new ServiceCollection()
            .AddRecursiveMas(Json(
                """{ "Style": " ", "Device": "tpu", "Rounds": 0, "MaxQueue": -1, "Steps": { "Sessions": 0 }, "AgentDevices": { "planner": "cpu:3" } }"""))
            .Services.BuildServiceProvider();
        OptionsValidationException error = Assert.Throws<OptionsValidationException>(() => host.GetRequiredService<MasSystem>());
        string[] named =
        [
            nameof(MasOptions.Style),
            nameof(MasOptions.Device),
            nameof(MasOptions.Rounds),
            nameof(MasOptions.MaxQueue),
            "Steps.Sessions",
            nameof(MasOptions.AgentDevices),
        ];
        Assert.Equal(named.Length, error.Failures.Count());
        Assert.All(named, option => Assert.Contains(error.Failures, failure => failure.Contains(option, StringComparison.Ordinal)));
        Assert.Throws<OptionsValidationException>(() => host.GetRequiredService<IOptionsMonitor<MasOptions>>().CurrentValue);
    }

    [Theory]
    [InlineData("""{ "Mas": { "Rouds": 2 } }""", "Rouds is no option. Did you mean 'Rounds'?")]
    [InlineData("""{ "Mas": { "Something": 2 } }""", "Something is no option.")]
    [InlineData("""{ "Mas": { "Sampling": { "Temprature": 1 } } }""", "Sampling:Temprature is no option. Did you mean 'Temperature'?")]
    [InlineData("""{ "Mas": { "Steps": { "Sesions": 1 } } }""", "Steps:Sesions is no option. Did you mean 'Sessions'?")]
    [InlineData("""{ "Mas": { "Rounds": "abc" } }""", "'abc' is not possible; it must be a whole number up to 2147483647.")]
    [InlineData("""{ "Mas": { "Rounds": "99999999999" } }""", "'99999999999' is not possible; it must be a whole number up to 2147483647.")]
    [InlineData("""{ "Mas": { "Dtype": "flaot32" } }""", "'flaot32' is not possible; it must be one of Auto, Stored, Float32")]
    [InlineData("""{ "Mas": { "AgentDtypes": { "critic": "99" } } }""", "'99' is not possible; it must be one of Auto")]
    [InlineData("""{ "Mas": { "Offline": "maybe" } }""", "'maybe' is not possible; it must be true or false.")]
    [InlineData("""{ "Mas": { "Sampling": { "Temperature": "NaN" } } }""", "Sampling:")]
    [InlineData("""{ "Mas": { "Residency": "6 apples" } }""", "'6 apples' is no residency.")]
    [InlineData("""{ "Mas": { "Hub": { "CacheFolder": "/x" } } }""", "Hub cannot be written in a configuration.")]
    [InlineData("""{ "Mas": { "Prompts": "sequental" } }""", "'sequental' is not a catalogue of the library.")]
    [InlineData("""{ "Mas": { "Prompts": "/nowhere/my.json" } }""", "there is no such folder")]
    [InlineData("""{ "Mas": { "Rounds": { "Most": 1 } } }""", "has keys below it")]
    public void A_configuration_that_says_something_else_is_refused_by_name(string json, string sentence)
    {
        using ServiceProvider host = new ServiceCollection().AddRecursiveMas(Json(json).GetSection("Mas")).Services
            .Configure<MasOptions>(options => options.Style ??= SystemFixture.Name).BuildServiceProvider();
        OptionsValidationException error = Assert.Throws<OptionsValidationException>(() => host.GetRequiredService<IOptionsMonitor<MasOptions>>().CurrentValue);
        Assert.Contains(sentence, Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_code_can_say_is_refused_in_a_configuration()
    {
        foreach (string option in s_codeOnly.Except([nameof(MasOptions.Prompts), nameof(SamplingOptions.LogitsProcessors)]))
        {
            IConfiguration section = Json($$"""{ "Mas": { "{{option}}": "x" } }""").GetSection("Mas");
            string fault = Assert.Single(new ConfiguredOptions(section).Apply(new MasOptions()));
            Assert.Equal($"{option} cannot be written in a configuration. Set it in code, where the system is registered.", fault);
        }
    }

    [Fact]
    public void Among_other_settings_only_what_is_nearly_an_option_is_refused()
    {
        using ServiceProvider good = new ServiceCollection()
            .AddRecursiveMas(Json("""{ "Logging": { "LogLevel": { "Default": "Information" } }, "AllowedHosts": "*", "Style": "mixture", "Rounds": 2 }"""))
            .Services.BuildServiceProvider();
        Assert.Equal(2, good.GetRequiredService<IOptionsMonitor<MasOptions>>().CurrentValue.Rounds);
        using ServiceProvider bad = new ServiceCollection()
            .AddRecursiveMas(Json("""{ "Logging": {}, "Style": "mixture", "LatentStep": 2 }""")).Services.BuildServiceProvider();
        OptionsValidationException error = Assert.Throws<OptionsValidationException>(() => bad.GetRequiredService<IOptionsMonitor<MasOptions>>().CurrentValue);
        Assert.Contains("Did you mean 'LatentSteps'?", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_binds_every_option_as_the_binder_does()
    {
        MasOptions bound = Json(Everything).Get<MasOptions>()!, set = new();
        Assert.Empty(new ConfiguredOptions(Json(Everything)).Apply(set));
        foreach (PropertyInfo property in Public(typeof(MasOptions)).Where(property => property.Name != nameof(MasOptions.Sampling)))
            Assert.True(Same(property.GetValue(bound), property.GetValue(set)), property.Name);
        foreach (PropertyInfo property in Public(typeof(SamplingOptions)))
            Assert.Equal(property.GetValue(bound.Sampling), property.GetValue(set.Sampling));
    }

    [Theory]
    [InlineData("6GB", 6_000_000_000)]
    [InlineData("1.5 gib", 1_610_612_736)]
    [InlineData("512MiB", 536_870_912)]
    [InlineData("1000", 1000)]
    public void A_budget_is_written_as_a_size(string text, long bytes)
    {
        var options = new MasOptions();
        Assert.Empty(new ConfiguredOptions(Json($$"""{ "Residency": "{{text}}", "Prompts": "sequential-letter-only" }""")).Apply(options));
        Assert.Equal(ModelResidency.Budget(bytes), options.Residency);
        Assert.EndsWith("sequential-letter-only", ((PromptCatalogue)options.Prompts!).Name, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_text_means_is_refused_by_name()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Json("""{ "Residency": "some" }""").Get<MasOptions>());
        Assert.Contains("OneAtATime", $"{error.Message} {error.InnerException?.Message}", StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => Json("""{ "Sampling": { "Temperature": -1 } }""").Get<MasOptions>());
    }

    [Fact]
    public void The_call_comes_before_the_system_and_the_system_before_what_was_published_member_by_member()
    {
        var published = new StyleDefaults { Rounds = 5, Sampling = new SamplingOptions { DoSample = true, Temperature = 0.6, TopP = 0.95 } };
        var system = new MasOptions { LatentSteps = 4, Sampling = new SamplingOptions { TopK = 30, Temperature = 0.8 }, Seed = 1 };
        var call = new AskOptions { MaxNewTokens = 6, Sampling = new SamplingOptions { Temperature = 0.9 }, Seed = 2 };
        AskSettings settings = AskSettings.Resolve(call, system, published);
        Assert.Equal((5, 4, 6, 2), (settings.Rounds, settings.LatentSteps, settings.MaxNewTokens, settings.Seed));
        Assert.Equal(new SamplingOptions { DoSample = true, Temperature = 0.9, TopP = 0.95, TopK = 30 }, settings.Sampling);
        // Code is drawn at a temperature of its own unless somebody said one.
        Assert.Equal(0.2, AskSettings.Resolve(null, new MasOptions(), published, TaskKind.Code).Sampling.Temperature);
        Assert.Equal(0.9, AskSettings.Resolve(call, system, published, TaskKind.Code).Sampling.Temperature);
        Assert.Equal(0.2, AskSettings.Resolve(call, system with { Compatibility = MasCompatibility.Reference }, published, TaskKind.Code).Sampling.Temperature);
        Assert.Null(AskSettings.Resolve(
            null,
            new MasOptions(),
            new StyleDefaults { Sampling = new SamplingOptions { DoSample = false } },
            TaskKind.Code).Sampling.Temperature);
    }

    [Fact]
    public async Task Both_kinds_of_options_are_written_as_before()
    {
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, new MasOptions { Rounds = 3 }, cancellationToken: Token);
        Assert.Equal(3, (await mas.AskAsync(SystemFixture.Question, Token)).Rounds);
        Assert.Equal(2, (await mas.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { Rounds = 2 }, Token)).Rounds);
        Assert.Equal(
            "Rounds",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => mas.AskAsync(new MasQuestion("x"), new AskOptions { Rounds = 0 }, Token))).Option);
        Assert.NotNull(fixture.System);
    }

    private static IEnumerable<PropertyInfo> Public(Type type) =>
        type
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && !s_codeOnly.Contains(property.Name));

    private static bool Same(object? one, object? other) =>
        one is System.Collections.ICollection a && other is System.Collections.ICollection b ? a.Count == b.Count : Equals(one, other);

    private static IConfigurationRoot Json(string json) => new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
}
