using RecursiveMas.Shared;

namespace RecursiveMas.Tools;

/// <summary>What the reference's generation returned for one row.</summary>
/// <param name="Text">The new text.</param>
/// <param name="Ended">Whether the row wrote an end-of-sequence token.</param>
/// <param name="Charged">Tokens that the row is charged.</param>
internal readonly record struct ReferenceRow(string Text, bool Ended, int Charged);

/// <summary>One generation of the reference.</summary>
/// <param name="Rows">What each row got.</param>
/// <param name="StoppedForTool">Whether the rows stopped because one of them showed a closing tag.</param>
internal sealed record ReferenceGeneration(IReadOnlyList<ReferenceRow> Rows, bool StoppedForTool);

/// <summary>Generates behind the texts of rows, each given with its prompt from the beginning, within one budget for all of them.</summary>
internal delegate Task<ReferenceGeneration> ReferenceGenerator(
    IReadOnlyList<int> rows, IReadOnlyList<string> texts, int budget, CancellationToken cancellationToken);

/// <summary>The loop of the reference implementation over rows of a batch, its faults included.</summary>
/// <param name="tools">Names of the tools.</param>
/// <param name="maxCalls">Executed calls of a row.</param>
/// <param name="generate">Generates.</param>
/// <param name="run">Runs a call: row, call, its number; returns what stands behind it.</param>
internal sealed class ReferenceLoop(
    IReadOnlyList<string> tools,
    int maxCalls,
    ReferenceGenerator generate,
    Func<int, ToolCall, int, CancellationToken, Task<string>> run)
{
    private readonly List<Row> _rows = [];

    /// <summary>Writes all rows.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="batch">Most rows of one generation.</param>
    /// <param name="budget">Tokens of each row.</param>
    /// <param name="cancellationToken">Ends generation and tools.</param>
    public async Task<IReadOnlyList<Row>> WriteAsync(int rows, int batch, int budget, CancellationToken cancellationToken)
    {
        _rows.AddRange(Enumerable.Range(0, rows).Select(index => new Row(index) { Budget = budget }));
        while (_rows.Where(row => row.IsActive).ToArray() is { Length: > 0 } active)
        {
            foreach (Row[] chunk in active.Chunk(batch))
                await AdvanceAsync(chunk, cancellationToken).ConfigureAwait(false);
        }

        return _rows;
    }

    private async Task AdvanceAsync(Row[] chunk, CancellationToken cancellationToken)
    {
        ReferenceGeneration generated = await generate(
            [.. chunk.Select(row => row.Index)],
            [.. chunk.Select(row => row.Text)],
            chunk.Min(row => row.Budget),
            cancellationToken).ConfigureAwait(false);
        foreach ((Row row, ReferenceRow wrote) in chunk.Zip(generated.Rows))
        {
            row.Budget -= wrote.Charged;
            row.Text += wrote.Text;
            row.Done = row.Budget <= 0;
            if (ToolProtocol.FindCall(row.Text, tools, row.Cursor) is { } call)
                await CallAsync(row, call, cancellationToken).ConfigureAwait(false);
            else if (!ToolProtocol.IsOpen(row.Text, tools, row.Cursor))
                row.Done |= wrote.Ended || !generated.StoppedForTool;
        }
    }

    private async Task CallAsync(Row row, ToolCall call, CancellationToken cancellationToken)
    {
        // Whatever was generated behind the call is lost.
        row.Text = row.Text[..call.End];
        if (++row.Calls > maxCalls)
        {
            row.Text += ToolProtocol.Format(ToolProtocol.LimitNotice(maxCalls));
            row.LimitReached = row.Done = true;
            return;
        }

        row.Text += await run(row.Index, call, row.Calls, cancellationToken).ConfigureAwait(false);
        row.Cursor = row.Text.Length;
    }

    /// <summary>The state of one question.</summary>
    internal sealed class Row(int index)
    {
        public int Index => index;

        public string Text { get; set; } = "";

        public int Cursor { get; set; }

        public int Calls { get; set; }

        public int Budget { get; set; }

        public bool Done { get; set; }

        public bool LimitReached { get; set; }

        public bool IsActive => !Done && Budget > 0;

        /// <summary>The text without white space at its ends.</summary>
        public string Output => TextTrim.Both(Text);
    }
}
