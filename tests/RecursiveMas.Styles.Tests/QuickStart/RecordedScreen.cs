using System.Text;
using RecursiveMas.QuickStart;

namespace RecursiveMas.Styles.Tests.QuickStart;

/// <summary>A screen whose two streams are recorded, each alone and both in the order in which they were written.</summary>
internal sealed class RecordedScreen
{
    private readonly StringBuilder _both = new();
    private readonly Recorder _answers;
    private readonly Recorder _notes;

    /// <param name="isLive">Whether a person watches.</param>
    /// <param name="written">Told of every note.</param>
    /// <param name="input">The standard input; null for none.</param>
    public RecordedScreen(bool isLive = false, Action<string>? written = null, TextReader? input = null)
    {
        (_answers, _notes) = (new Recorder(_both, null), new Recorder(_both, written));
        Screen = new Screen(_answers, _notes, isLive, canAsk: false, input);
    }

    public Screen Screen { get; }

    public string Answers => _answers.ToString();

    public string Notes => _notes.ToString();

    /// <summary>What a terminal receives.</summary>
    public string Both => _both.ToString();

    /// <summary>What has been flushed of the answers.</summary>
    public string Flushed => _answers.Flushed;

    /// <summary>Runs QuickStart in this process.</summary>
    public Task<int> RunAsync(CancellationToken cancellation, params string[] arguments) => CommandLine.RunAsync(arguments, Screen, cancellation);

    private sealed class Recorder(StringBuilder both, Action<string>? written) : StringWriter
    {
        public string Flushed { get; private set; } = "";

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void Write(string? value)
        {
            base.Write(value);
            both.Append(value);
            written?.Invoke(value ?? "");
        }

        public override void Flush() => Flushed = ToString();
    }
}
