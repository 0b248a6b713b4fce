using System.Text.RegularExpressions;
using RecursiveMas.QuickStart;
using Xunit;

namespace RecursiveMas.Styles.Tests.QuickStart;

public sealed partial class ReporterTests
{
    [Fact]
    public async Task The_answer_is_written_as_it_comes_without_white_space_at_its_ends()
    {
        var screen = new RecordedScreen();
        var seen = new List<string>();
        await new Reporter(screen.Screen, "writer", null).ShowAsync(Watched(
            screen,
            seen,
            Started("writer", StageAction.Write),
            Token("writer", " "),
            Token("writer", "The "),
            Token("writer", "answer\n"),
            Token("writer", "is 4."),
            Token("writer", " \n"),
            Completed("writer", StageAction.Write)));
        // What had been flushed when the next update was asked for.
        Assert.Equal(["", "", "The", "The answer", "The answer\nis 4.", "The answer\nis 4.", "The answer\nis 4.\n"], seen);
        Assert.Equal("The answer\nis 4.\n", screen.Answers);
        Assert.DoesNotContain("answer\n", screen.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_between_agents_are_notes_and_do_not_mix()
    {
        var screen = new RecordedScreen();
        await new Reporter(screen.Screen, "writer", null).ShowAsync(Updates(
            Started("math", StageAction.Write),
            Started("code", StageAction.Write),
            Token("math", "one "),
            Token("code", "three "),
            Token("math", "two"),
            Token("code", "[four]"),
            Completed("code", StageAction.Write),
            Completed("math", StageAction.Write),
            Started("writer", StageAction.Write),
            Token("writer", "five"),
            Completed("writer", StageAction.Write)));
        Assert.Equal("five\n", screen.Answers);
        string[] notes = screen.Notes.Split('\n');
        Assert.Contains("one two", notes);
        Assert.Contains("three [four]", notes);
    }

    [Fact]
    public async Task A_writer_that_thinks_before_it_answers_is_not_answering_yet()
    {
        var screen = new RecordedScreen();
        await new Reporter(screen.Screen, "writer", null).ShowAsync(Updates(
            Started("writer", StageAction.Write, round: 1, rounds: 2),
            Token("writer", "draft"),
            Completed("writer", StageAction.Write),
            Started("writer", StageAction.Write, round: 2, rounds: 2),
            Token("writer", "final"),
            Completed("writer", StageAction.Write)));
        Assert.Equal("final\n", screen.Answers);
        Assert.Contains("draft", screen.Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AnswerSource.AnswerPass, true, "asked for one: \"5\" comes from this answer pass")]
    [InlineData(AnswerSource.Box, false, null)]
    [InlineData(null, true, "gave none when it was asked for one")]
    public async Task An_answer_of_the_answer_pass_is_marked(AnswerSource? source, bool ran, string? note)
    {
        var screen = new RecordedScreen();
        MasAnswer answer = Answer() with { AnswerPassRan = ran, Extracted = source is { } where ? new ExtractedAnswer("5", where) : null };
        await new Reporter(screen.Screen, "writer", null).ShowAsync(Updates(
            Started("writer", StageAction.Write),
            Token("writer", "Let me see.\n"),
            new AnswerPassStarted { Agent = "writer", Round = 1, Addition = "\nThe answer is" },
            Token("writer", " 5"),
            Completed("writer", StageAction.Write),
            new AnswerReady { Agent = "writer", Round = 1, Answer = answer }));
        Assert.Equal("Let me see.\n\nThe answer is 5\n", screen.Answers);
        if (note is null)
            Assert.DoesNotContain("asked", screen.Notes, StringComparison.Ordinal);
        else
            Assert.Contains(note, screen.Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FinishReason.MaxNewTokens, true)]
    [InlineData(FinishReason.EndOfSequence, false)]
    public async Task A_text_that_was_cut_off_is_said_to_be(FinishReason finish, bool said)
    {
        var screen = new RecordedScreen();
        await new Reporter(
            screen.Screen,
            "writer",
            null).ShowAsync(Updates(new AnswerReady { Agent = "writer", Round = 1, Answer = Answer() with { Finish = finish } }));
        Assert.Equal(said, screen.Notes.Contains("--max-new-tokens", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_terminal_steps_replace_each_other_and_leave_nothing_behind()
    {
        var screen = new RecordedScreen(isLive: true);
        await new Reporter(screen.Screen, "writer", null).ShowAsync(Updates(
            Started("writer", StageAction.Think, round: 1, rounds: 2),
            new LatentStepTaken { Agent = "writer", Round = 1, Step = 1, Steps = 2 },
            new LatentStepTaken { Agent = "writer", Round = 1, Step = 2, Steps = 2 },
            Completed("writer", StageAction.Think),
            Started("writer", StageAction.Write, round: 2, rounds: 2),
            Token("writer", "5"),
            Completed("writer", StageAction.Write)));
        Assert.Contains("\rround 1/2  writer     latent step 2 of 2", screen.Both, StringComparison.Ordinal);
        Assert.Equal(["round 1/2  writer     thought for 0 ms", "round 2/2  writer     answers:", "5", ""], Terminal(screen.Both));
    }

    [Fact]
    public void Cancelled_stands_on_a_line_of_its_own()
    {
        foreach (bool live in new[] { false, true })
        {
            var screen = new RecordedScreen(live);
            screen.Screen.Answer("The answ");
            screen.Screen.Note($"Cancelled.");
            Assert.Equal(["The answ", "Cancelled.", ""], Terminal(screen.Both));
            Assert.Equal("The answ\n", screen.Answers);
        }

        var thinking = new RecordedScreen(isLive: true);
        thinking.Screen.Status("round 1/3  planner  latent step 1 of 48");
        thinking.Screen.Note($"Cancelled.");
        Assert.Equal(["Cancelled.", ""], Terminal(thinking.Both));
    }

    /// <summary>The lines that a terminal shows in the end: a carriage return goes back to the beginning of the line.</summary>
    private static string[] Terminal(string written) => [.. Colours().Replace(written, "").Split('\n').Select(line =>
    {
        char[] shown = [];
        foreach (string part in line.Split('\r'))
            shown = [.. part, .. shown.Skip(part.Length)];
        return new string(shown).TrimEnd();
    })];

    [GeneratedRegex("\\x1b\\[[0-9;]*m")]
    private static partial Regex Colours();

    private static async IAsyncEnumerable<MasUpdate> Watched(RecordedScreen screen, List<string> seen, params MasUpdate[] updates)
    {
        foreach (MasUpdate update in updates)
        {
            yield return update;
            await Task.Yield();
            seen.Add(screen.Flushed);
        }
    }

    private static async IAsyncEnumerable<MasUpdate> Updates(params MasUpdate[] updates)
    {
        foreach (MasUpdate update in updates)
        {
            await Task.Yield();
            yield return update;
        }
    }

    private static StageStarted Started(string agent, StageAction action, int round = 1, int rounds = 1) =>
        new() { Agent = agent, Round = round, Rounds = rounds, Action = action };

    private static TokenWritten Token(string agent, string text) => new() { Agent = agent, Round = 1, TokenId = null, Text = text };

    private static StageCompleted Completed(string agent, StageAction action) => new() { Agent = agent, Round = 1, Action = action, Duration = TimeSpan.Zero };

    private static MasAnswer Answer() => new()
    {
        Question = new MasQuestion("?"),
        Text = "5",
        TokenIds = [1],
        Finish = FinishReason.EndOfSequence,
        Rounds = 1,
        LatentSteps = 0,
        Usage = new MasUsage(new Dictionary<string, AgentUsage>()),
        Trace = [],
        Duration = TimeSpan.Zero,
    };
}
