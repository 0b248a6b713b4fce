using System.Text.Json;
using RecursiveMas.Memory;
using RecursiveMas.QuickStart;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.QuickStart;

public sealed class QuickStartTests
{
    private const string Answer = "all done so = 13\n\\boxed{13}\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string TinyModel =>
        Path.Combine(Goldens.RepositoryRoot, "RecursiveMas.TinySystems", "Systems", "sequential_tiny", "Sequential-Tiny-Planner-Qwen3");

    [Fact]
    public async Task The_answer_is_printed_once_and_alone_on_the_standard_output()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token, SystemFixture.Question));
        Assert.Equal(Answer, screen.Answers);
        Assert.DoesNotContain("boxed", screen.Notes, StringComparison.Ordinal);
        Assert.Contains("Loading sequential_tiny: planner (1 of 3)", screen.Notes, StringComparison.Ordinal);
        Assert.Contains("round 3/3  solver     answers:", screen.Notes, StringComparison.Ordinal);
        Assert.Contains("3 rounds, 40 latent steps", screen.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("means nothing", screen.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_beyond_a_tiny_system_is_remarked_upon_before_it_is_answered()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token, "What", "is", "the", "capital", "of", "France?"));
        Assert.InRange(
            screen.Both.IndexOf("knows only questions like \"Mia has", StringComparison.Ordinal),
            0,
            screen.Both.IndexOf("boxed", StringComparison.Ordinal));
        Assert.Contains("boxed", screen.Answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_model_plays_every_role_over_text_in_one_round_and_ends_its_texts_itself()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token, "--system", TinyModel, "--seed", "1", "Mia has 3 coins."));
        Assert.Contains("holds one model", screen.Notes, StringComparison.Ordinal);
        Assert.Contains("(planner, critic, solver)", screen.Notes, StringComparison.Ordinal);
        Assert.Contains("1 round, at most 256 tokens a text, kind free", screen.Notes, StringComparison.Ordinal);
        Assert.Contains("round 1/1  solver     answers:", screen.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("round 2", screen.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("sequential_light:", screen.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("cut off", screen.Notes, StringComparison.Ordinal);
        Assert.True(screen.Answers.Length > 1, screen.Answers);
        Assert.Equal(1, screen.Notes.Split('\n').Count(line => line.StartsWith("Loading ", StringComparison.Ordinal)));

        var shorter = new RecordedScreen();
        Assert.Equal(0, await shorter.RunAsync(Token, "--system", TinyModel, "--seed", "1", "--max-new-tokens", "2", "Mia has 3 coins."));
        Assert.Contains("at most 2 tokens a text", shorter.Notes, StringComparison.Ordinal);
        Assert.Contains("cut off at its limit", shorter.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_command_line_says_of_one_model_counts()
    {
        Settings settings = OneModel.Complete(CommandLine.Read("question"));
        Assert.Equal((1, 256), (settings.Options.Rounds, settings.Options.MaxNewTokens));
        Assert.Equal((MasChannel.Text, TaskKind.Free), (settings.Options.Channel, settings.Kind));
        settings = OneModel.Complete(CommandLine.Read("--rounds", "2", "--max-new-tokens", "9", "--kind", "math", "--channel", "latent", "question"));
        Assert.Equal((2, 9), (settings.Options.Rounds, settings.Options.MaxNewTokens));
        Assert.Equal((MasChannel.Latent, TaskKind.Math), (settings.Options.Channel, settings.Kind));
        Assert.True(OneModel.Is(TinyModel));
        Assert.False(OneModel.Is("sequential_tiny"));
        Assert.False(OneModel.Is(Path.GetDirectoryName(TinyModel)!));
    }

    [Fact]
    public async Task Warnings_of_loading_are_shown()
    {
        var screen = new RecordedScreen();
        Settings settings = CommandLine.Read("--memory-check", "warn", SystemFixture.Question);
        settings = settings with { Options = settings.Options with { Host = () => new HostMemory(1, "this machine has") } };
        Assert.Equal(0, await Session.RunAsync(settings, screen.Screen, Token));
        Assert.Contains("needs about", screen.Notes, StringComparison.Ordinal);
        Assert.Equal(Answer, screen.Answers);
    }

    [Fact]
    public async Task A_system_that_does_not_fit_is_refused_in_one_sentence()
    {
        var screen = new RecordedScreen();
        Settings settings = CommandLine.Read(SystemFixture.Question);
        settings = settings with { Options = settings.Options with { Host = () => new HostMemory(1, "this machine has") } };
        Assert.Equal(1, await Session.RunAsync(settings, screen.Screen, Token));
        Assert.Equal(1, screen.Notes.Count(character => character == '\n'));
        Assert.Equal("", screen.Answers);
    }

    [Fact]
    public async Task The_trace_has_a_line_of_json_for_each_hop()
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal(0, await new RecordedScreen().RunAsync(Token, "--trace", file, SystemFixture.Question));
            string[] lines = await File.ReadAllLinesAsync(file, Token);
            Assert.Equal(8, lines.Length);
            Assert.All(lines, line =>
            {
                using JsonDocument hop = JsonDocument.Parse(line);
                Assert.Equal(5, hop.RootElement.GetProperty("shape")[0].GetInt32());
            });
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Residency_and_element_type_leave_the_answer_as_it_is()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token, "--residency", "one", "--dtype", "float32", SystemFixture.Question));
        Assert.Equal(Answer, screen.Answers);
    }

    [Fact]
    public async Task Without_a_question_the_samples_are_shown()
    {
        var screen = new RecordedScreen();
        Assert.Equal(0, await screen.RunAsync(Token));
        Assert.Contains("3 rounds", screen.Answers, StringComparison.Ordinal);
        Assert.Contains("all done so = 8", screen.Answers, StringComparison.Ordinal);
        Assert.All(screen.Answers.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
    }

    [Fact]
    public async Task Lines_of_the_standard_input_are_questions()
    {
        string other = "Tom has 4 cards. January times 3. How many cards?";
        var screen = new RecordedScreen(input: new StringReader($"\n{SystemFixture.Question}\n   \n  {other}"));
        Assert.Equal(0, await screen.RunAsync(Token));
        Assert.Equal(Answer + "all done so = 12\n\\boxed{12}\n", screen.Answers);
        Assert.Contains($"Question: {other}", screen.Notes, StringComparison.Ordinal);

        // A question that fails is told, and the next one is answered.
        var failing = new RecordedScreen(input: new StringReader($"{new string('x', 5000)}\n{other}\n"));
        Assert.Equal(1, await failing.RunAsync(Token));
        Assert.Equal("all done so = 12\n\\boxed{12}\n", failing.Answers);

        // Nobody reads the input beside a question, and an empty one is none.
        var given = new RecordedScreen(input: new StringReader(other));
        Assert.Equal(0, await given.RunAsync(Token, SystemFixture.Question));
        Assert.Equal(Answer, given.Answers);
        var empty = new RecordedScreen(input: new StringReader("\n\n"));
        Assert.Equal(0, await empty.RunAsync(Token));
        Assert.Contains("3 rounds", empty.Answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_into_which_nobody_writes_can_be_left()
    {
        using var stop = new CancellationTokenSource();
        using var silence = new CancellationTokenSource();
        using var lines = new SilentReader(silence.Token);
        var screen = new RecordedScreen(
            input: lines,
            written: note =>
            {
                // Questions are read behind this note.
                if (note.Contains("Three tiny models", StringComparison.Ordinal))
                    stop.CancelAfter(TimeSpan.FromMilliseconds(300));
            });
        Assert.Equal(130, await screen.RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(60), Token));
        Assert.EndsWith("Cancelled.\n", screen.Notes, StringComparison.Ordinal);
        Assert.Equal("", screen.Answers);
        await silence.CancelAsync();
    }

    [Theory]
    [InlineData("--latent-steps", "--latent-steps of at most ")]
    [InlineData("--max-new-tokens", "--max-new-tokens of at most ")]
    public async Task A_run_that_does_not_fit_is_refused_with_the_option_that_makes_it_fit(string option, string way)
    {
        var screen = new RecordedScreen();
        Assert.Equal(1, await screen.RunAsync(Token, option, "2147483647", SystemFixture.Question));
        Assert.Contains(way, screen.Notes, StringComparison.Ordinal);
        Assert.Contains("--memory-check warn goes on regardless", screen.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("No setting", screen.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("MasOptions", screen.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_says_so_on_its_own_line()
    {
        using var stop = new CancellationTokenSource();
        var screen = new RecordedScreen(written: note =>
        {
            if (note.Contains("round 2/", StringComparison.Ordinal))
                stop.Cancel();
        });
        Assert.Equal(130, await screen.RunAsync(stop.Token, "--rounds", "1000", SystemFixture.Question));
        Assert.Equal(["Cancelled.", ""], screen.Notes.Split('\n')[^2..]);
        Assert.Equal("", screen.Answers);
    }

    [Fact]
    public async Task Loading_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var screen = new RecordedScreen(written: note =>
        {
            if (note.Contains("Loading", StringComparison.Ordinal))
                stop.Cancel();
        });
        Assert.Equal(130, await screen.RunAsync(stop.Token, SystemFixture.Question));
        Assert.Equal(["Cancelled.", ""], screen.Notes.Split('\n')[^2..]);
        Assert.DoesNotContain("round", screen.Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("> /dev/full", "No space left", SystemFixture.Question)]
    [InlineData(">&-", "closed", SystemFixture.Question)]
    [InlineData("> /dev/full", "No space left", "--help")]
    [InlineData("", "--trace: '/dev/full' cannot be written: No space left", "--trace", "/dev/full", SystemFixture.Question)]
    [InlineData("", "--trace-html: '/dev/full' cannot be written: No space left", "--trace-html", "/dev/full", SystemFixture.Question)]
    public async Task An_answer_that_cannot_be_written_is_said_in_one_sentence(string redirection, string reason, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Redirections of Unix shells, and the full disk of Linux.");
        using QuickStartProcess process = QuickStartProcess.StartRedirected(redirection, arguments);
        string[] notes = (await process.Error.ReadToEndAsync(Token)).Split('\n');
        Assert.Equal(1, await process.EndAsync(Token));
        Assert.Contains(reason, notes[^2], StringComparison.Ordinal);
        Assert.DoesNotContain(notes, note => note.StartsWith("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2> /dev/full", 0, Answer, SystemFixture.Question)]
    [InlineData("2>&-", 0, Answer, SystemFixture.Question)]
    [InlineData("2> /dev/full", 2, "", "--rounds", "0", "x")]
    public async Task Notes_that_cannot_be_written_hinder_nothing(string redirection, int code, string answer, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Redirections of Unix shells, and the full disk of Linux.");
        using QuickStartProcess process = QuickStartProcess.StartRedirected(redirection, arguments);
        Assert.Equal(answer, await process.Output.ReadToEndAsync(Token));
        Assert.Equal(code, await process.EndAsync(Token));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_process_with_130_and_Cancelled_on_its_own_line()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows sends Ctrl+C to a console, not to a process.");
        using QuickStartProcess process = QuickStartProcess.Start("--rounds", "10000", SystemFixture.Question);
        var notes = new List<string>();
        while (await process.Error.ReadLineAsync(Token) is { } note)
        {
            notes.Add(note);
            if (note.StartsWith("round 2/", StringComparison.Ordinal) && notes.Count(seen => seen.StartsWith("round 2/", StringComparison.Ordinal)) == 1)
                process.Interrupt();
        }

        Assert.Equal(130, await process.EndAsync(Token));
        Assert.Equal("Cancelled.", notes[^1]);
        Assert.Equal("", await process.Output.ReadToEndAsync(Token));
    }

    /// <summary>A pipe: reading it blocks until its other end is closed.</summary>
    private sealed class SilentReader(CancellationToken closed) : TextReader
    {
        public override string? ReadLine()
        {
            closed.WaitHandle.WaitOne();
            return null;
        }
    }
}
