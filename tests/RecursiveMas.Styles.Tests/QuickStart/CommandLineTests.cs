using RecursiveMas.QuickStart;
using Xunit;

namespace RecursiveMas.Styles.Tests.QuickStart;

public sealed class CommandLineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[]> Faults => new()
    {
        { "There is no option --roundz. Did you mean --rounds?", ["--roundz", "3", "question"] },
        { "There is no option --unheard-of.", ["question", "--unheard-of"] },
        { "There is no option --devise. Did you mean --device?", ["--devise=cpu", "question"] },
        { "There is no option -r.", ["-r", "3", "question"] },
        { "There is no option --foo.", ["--foo", "--", "--bar"] },
        { "--rounds needs a whole number from 1 to 10000, not 'abc'.", ["--rounds", "abc", "question"] },
        { "--rounds needs a whole number from 1 to 10000, not '0'.", ["--rounds", "0", "question"] },
        { "--rounds needs a whole number from 1 to 10000, not '99999999999'.", ["--rounds", "99999999999", "question"] },
        { "--rounds needs a whole number from 1 to 10000, not '1000000000'.", ["--rounds", "1000000000", "question"] },
        { $"not '{new string('9', 199)}…", ["--rounds", new string('9', 100_000), "question"] },
        { $"--{new string('x', 198)}…", ["--" + new string('x', 100_000)] },
        { $"{new string('x', 200)}…' is not a path: it has 100,000 characters.", ["--system", new string('x', 100_000), "question"] },
        { "'--rounds'", ["question", "--rounds"] },
        { "'--rounds'", ["--rounds", "2", "--rounds", "3", "question"] },
        { "--latent-steps needs a whole number from 0 to 2147483647, not '-1'.", ["--latent-steps", "-1", "question"] },
        { "--max-new-tokens needs a whole number from 1 to 2147483647, not '1.5'.", ["--max-new-tokens", "1.5", "question"] },
        { "--seed needs a whole number from -9223372036854775808 to 9223372036854775807, not 'x'.", ["--seed", "x", "question"] },
        { "--system is empty; it needs a name or a folder.", ["--system", "", "question"] },
        { "--system is empty; it needs a name or a folder.", ["--system", " ", "question"] },
        { "--system: 'sequental_tiny' is neither a known system nor a folder. Did you mean 'sequential_tiny'?", ["--system", "sequental_tiny", "question"] },
        { "--trace is empty", ["--trace", "", "question"] },
        { "--channel cannot be 'sound'; it is one of latent, text, none, zero, noise, shuffled.", ["--channel", "sound", "question"] },
        { "--channel cannot be '1'", ["--channel", "1", "question"] },
        { "--kind cannot be 'poem'; it is one of math, choice, code, free.", ["--kind", "poem", "question"] },
        { "--dtype cannot be 'int8'; it is one of auto, stored, float32, bfloat16, float16.", ["--dtype", "int8", "question"] },
        { "--residency cannot be 'two'; it is all, one, or a size such as 6GB or 512MiB.", ["--residency", "two", "question"] },
        { "--residency cannot be '-1GB'", ["--residency=-1GB", "question"] },
        { "--residency cannot be '5'", ["--residency", "5", "question"] },
        { "--device: 'cpu:3' is not a device", ["--device", "cpu:3", "question"] },
        { "The question is empty.", [""] },
        { "The question is empty.", ["--rounds", "1", " "] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_one_sentence_on_the_error_stream_and_exit_code_2(string message, string[] arguments)
    {
        var screen = new RecordedScreen();
        Assert.Equal(2, await screen.RunAsync(Token, arguments));
        Assert.Contains(message, screen.Notes, StringComparison.Ordinal);
        Assert.Equal(1, screen.Notes.Count(character => character == '\n'));
        Assert.InRange(screen.Notes.Length, 1, 1000);
        Assert.Equal("", screen.Answers);
    }

    [Fact]
    public async Task A_file_in_place_of_a_folder_is_said_to_be_one()
    {
        string file = Path.GetTempFileName();
        try
        {
            var screen = new RecordedScreen();
            Assert.Equal(1, await screen.RunAsync(Token, "--system", file, "question"));
            Assert.StartsWith($"{file}: --system names this file, but a folder is needed.", screen.Notes, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("MasOptions.MemoryCheck = Warn goes on.", "--memory-check warn goes on.")]
    [InlineData("Residency = OneAtATime and Dtype = Stored together", "--residency one and --dtype stored together")]
    [InlineData("LatentSteps of at most 5 takes", "--latent-steps of at most 5 takes")]
    [InlineData("Choose one by MasOptions.Style.", "Choose one by --style.")]
    [InlineData("Style and Device are words; x = 5 is a line, MasOptions.Prompts no option here.", null)]
    public void Options_of_the_library_are_called_as_on_the_command_line(string message, string? expected) =>
        Assert.Equal(expected ?? message, OptionWords.Of(message));

    [Fact]
    public async Task A_trace_that_cannot_be_written_is_said_before_anything_is_loaded()
    {
        string missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "trace.jsonl");
        foreach (string path in new[] { missing, Path.GetTempPath() })
        {
            var screen = new RecordedScreen();
            Assert.Equal(1, await screen.RunAsync(Token, "--trace", path, SystemFixture.Question));
            Assert.StartsWith($"--trace: '{path}' cannot be written: ", screen.Notes, StringComparison.Ordinal);
            Assert.Equal(1, screen.Notes.Count(character => character == '\n'));
            Assert.Equal("", screen.Answers);
        }
    }

    [Fact]
    public void Words_are_the_question_unless_they_look_like_options()
    {
        Assert.Equal("-5 + 3 = ?", CommandLine.Read("-5 + 3 = ?").Question);
        Assert.Equal("What is - 5 + -3", CommandLine.Read("What", "is", "-", "5", "+", "-3").Question);
        Assert.Equal("@nobody has 3 coins", CommandLine.Read("@nobody has 3 coins").Question);
        Assert.Equal("@nobody", CommandLine.Read("@nobody").Question);
        Assert.Equal("[suggest]", CommandLine.Read("[suggest]").Question);
        Assert.Equal("--what is this", CommandLine.Read("--", "--what", "is", "this").Question);
        Assert.Equal("", CommandLine.Read("--rounds", "2").Question);
    }

    [Fact]
    public void Options_reach_the_system()
    {
        Settings settings = CommandLine.Read(
            "--system", "folder", "--style", "mixture", "--kind", "Code", "--rounds", "2", "--latent-steps", "0", "--max-new-tokens", "9", "--channel",
            "text", "--seed", "-4", "--device", "cuda:1", "--dtype", "stored", "--weights", "int8", "--residency", "one", "--memory-check", "warn",
            "--offline", "--yes", "--trace", "t.jsonl", "--trace-html", "t.html", "--read-out", "3", "question");
        Assert.Equal(
            ("folder", MasChannel.Text, TaskKind.Code, "t.jsonl", true),
            (settings.System, settings.Options.Channel, settings.Kind, settings.Trace, settings.Yes));
        MasOptions options = settings.Options;
        Assert.Equal(("mixture", 2, 0, 9, -4L), (options.Style, options.Rounds, options.LatentSteps, options.MaxNewTokens, options.Seed));
        Assert.Equal(("cuda:1", ModelDtype.Stored, MemoryCheck.Warn, true), (options.Device, options.Dtype, options.MemoryCheck, options.Offline));
        Assert.Equal(("t.html", 3), (settings.TraceHtml, options.ReadOutTokens));
        Assert.Equal("auto", CommandLine.Read("question").Options.Device);
        Assert.Same(ModelResidency.OneAtATime, options.Residency);
        Assert.Same(ModelResidency.All, CommandLine.Read("question").Options.Residency);
        Assert.Equal(ModelResidency.Budget(6_500_000_000), CommandLine.Read("--residency", "6.5GB").Options.Residency);
        Assert.Equal(ModelResidency.Budget(512 << 20), CommandLine.Read("--residency", "512 mib").Options.Residency);
        Assert.Equal((WeightFormat.Int8, WeightFormat.Auto), (options.Weights, CommandLine.Read("question").Options.Weights));
        Assert.Equal(ModelDtype.BFloat16, CommandLine.Read("--dtype", "bfloat16").Options.Dtype);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token, "--help"));
        Assert.All(["--dtype", "--weights", "--residency", "--trace", "--system"], option => Assert.Contains(option, screen.Answers, StringComparison.Ordinal));
        Assert.Equal("", screen.Notes);
    }
}
