using Spectre.Console;

namespace RecursiveMas.QuickStart;

/// <summary>
/// Answers on the standard output, everything else on the error stream. On a terminal a status line shows what is going on; elsewhere there is none.
/// </summary>
internal sealed class Screen
{
    // Sentences are not to be broken where nobody looks at a terminal.
    private const int Unbroken = 10_000, TableWidth = 100;

    private readonly IAnsiConsole _notes;
    private readonly TextWriter _noteWriter;
    private bool _midLine;
    private int _status;

    /// <param name="answers">Where answers go.</param>
    /// <param name="notes">Where everything else goes.</param>
    /// <param name="isLive">Whether a person watches <paramref name="notes"/>.</param>
    /// <param name="canAsk">Whether a person can be asked.</param>
    /// <param name="questions">Where questions come from, one a line, if not from a person; null for nowhere.</param>
    public Screen(TextWriter answers, TextWriter notes, bool isLive, bool canAsk, TextReader? questions = null)
    {
        (Answers, _noteWriter, IsLive, CanAsk, Questions) = (answers, notes, isLive, canAsk, questions);
        _notes = Create(notes, isLive, width: isLive ? null : Unbroken);
    }

    public TextWriter Answers { get; }

    public bool IsLive { get; }

    public bool CanAsk { get; }

    public TextReader? Questions { get; }

    public static Screen OfProcess() => new(
        Console.Out,
        Console.Error,
        !Console.IsErrorRedirected,
        !Console.IsErrorRedirected && !Console.IsInputRedirected,
        Console.IsInputRedirected ? Console.In : null);

    /// <summary>Writes a piece of an answer at once.</summary>
    public void Answer(string piece)
    {
        if (piece.Length == 0)
            return;
        ClearStatus();
        // What cannot be written leaves no line to be ended.
        _midLine = false;
        Answers.Write(piece);
        Answers.Flush();
        _midLine = !piece.EndsWith('\n');
    }

    /// <summary>Ends the line of an answer, if it is in the middle of one.</summary>
    public void EndAnswer()
    {
        if (_midLine)
            Answer("\n");
    }

    /// <summary>Writes a line that is no answer, with the markup of Spectre.Console.</summary>
    public void Note(FormattableString markup)
    {
        EndAnswer();
        ClearStatus();
        _notes.MarkupLineInterpolated(System.Globalization.CultureInfo.InvariantCulture, markup);
    }

    /// <summary>Says what went wrong.</summary>
    public void Fail(string message) => Note($"[red]{message}[/]");

    /// <summary>Shows what is going on, in place of what was shown before.</summary>
    public void Status(string text)
    {
        if (!IsLive || _midLine)
            return;
        string shown = text.Length < _notes.Profile.Width ? text : text[..(_notes.Profile.Width - 1)];
        _noteWriter.Write($"\r{shown.PadRight(_status)}");
        _noteWriter.Flush();
        _status = shown.Length;
    }

    /// <summary>Writes a table among the answers.</summary>
    public void Table(Table table)
    {
        ClearStatus();
        bool isTerminal = new AnsiConsoleOutput(Answers).IsTerminal;
        Create(Answers, isTerminal, width: isTerminal ? null : TableWidth).Write(table);
    }

    public Task<T> AskAsync<T>(IPrompt<T> prompt, CancellationToken cancellation)
    {
        EndAnswer();
        ClearStatus();
        return prompt.ShowAsync(_notes, cancellation);
    }

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal, int? width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width ?? console.Profile.Width;
        return console;
    }

    private void ClearStatus()
    {
        if (_status == 0)
            return;
        _noteWriter.Write($"\r{new string(' ', _status)}\r");
        _status = 0;
    }
}
