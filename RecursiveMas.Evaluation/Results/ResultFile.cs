using System.Text;
using System.Text.Json.Nodes;
using RecursiveMas.Shared;

namespace RecursiveMas.Results;

/// <summary>
/// The results of one variant, a line a question. While a run goes on, lines stand in the order in which they came; when all are there, the file is
/// replaced by one in the order of the questions with the summary as its last line.
/// </summary>
/// <remarks>Safe for concurrent calls.</remarks>
internal sealed class ResultFile : IDisposable
{
    private const string Index = "sample_idx", Kind = "type", Summary = "summary";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, string> _lines = [];
    private readonly FileStream _stream;

    private ResultFile(string path, FileStream stream) => (Path, _stream) = (path, stream);

    public string Path { get; }

    /// <summary>Whether the summary is there, too.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Places of the questions that have a line.</summary>
    public IReadOnlyCollection<int> Done
    {
        get
        {
            lock (_gate)
                return [.. _lines.Keys];
        }
    }

    /// <summary>The lines in the order of the questions.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines.Values];
        }
    }

    /// <summary>Opens the file of a run that begins or goes on. What a process that was killed has left of a line is cut off.</summary>
    /// <param name="path">Path of the file; it may be missing.</param>
    /// <param name="run">What every line names as its run.</param>
    /// <param name="questions">Number of questions.</param>
    /// <exception cref="ResultsException">A line is no result of this run.</exception>
    /// <exception cref="CheckpointException">The file cannot be opened.</exception>
    public static ResultFile Open(string path, string run, int questions) => Open(
        path,
        new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 },
        run,
        questions);

    /// <summary>Opens a file to read it; a run that writes it is not disturbed.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="run">What every line names as its run.</param>
    /// <param name="questions">Number of questions.</param>
    /// <exception cref="ResultsException">A line is no result of this run.</exception>
    /// <exception cref="CheckpointException">The file cannot be opened.</exception>
    public static ResultFile OpenRead(string path, string run, int questions) => Open(
        path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete }, run, questions);

    private static ResultFile Open(string path, FileStreamOptions how, string run, int questions)
    {
        FileStream stream = FileFaults.Read(path, () => new FileStream(path, how));
        var file = new ResultFile(path, stream);
        try
        {
            FileFaults.Write(path, () => file.Read(run, questions));
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends the line of a question. It is in the file when this returns, whatever happens to the process.</summary>
    public void Append(int index, JsonObject row)
    {
        string line = ResultJson.Line(row);
        lock (_gate)
        {
            if (_lines.TryAdd(index, line))
                FileFaults.Write(Path, () => _stream.Write(ResultJson.Bytes(line)));
        }
    }

    /// <summary>Replaces the file by one in the order of the questions, with the summary at its end.</summary>
    public void Complete(JsonObject summary)
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            foreach (string line in _lines.Values.Append(ResultJson.Line(summary)))
                text.Append(line).Append('\n');
            // Until the new file stands, the old one does.
            FileFaults.Write(Path, () =>
            {
                File.WriteAllText(Path + ".new", text.ToString(), new UTF8Encoding(false));
                // Some systems replace no file that is open.
                _stream.Dispose();
                File.Move(Path + ".new", Path, overwrite: true);
            });
            IsComplete = true;
        }
    }

    public void Dispose() => _stream.Dispose();

    private void Read(string run, int questions)
    {
        byte[] bytes = new byte[_stream.Length];
        _stream.ReadExactly(bytes);
        int end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (end < bytes.Length && _stream.CanWrite)
            _stream.SetLength(end);
        _stream.Position = end;
        int number = 0;
        foreach (string line in Encoding.UTF8.GetString(bytes, 0, end).Split('\n').SkipLast(1))
        {
            JsonObject row = ResultJson.Parse(line, Path, $"Line {++number}");
            if (IsComplete)
                throw Wrong(number, "stands behind the summary. Remove it");
            if ((string?)row["run"] != run)
                throw Wrong(number, "belongs to a run with other settings. Write into another folder, or remove the file");
            if ((string?)row[Kind] == Summary)
                IsComplete = true;
            else if (row[Index] is not JsonValue value || !value.TryGetValue(out int index) || index < 0 || index >= questions)
                throw Wrong(number, $"has no '{Index}' from 0 to {questions - 1}. Remove it");
            else if (!_lines.TryAdd(index, line))
                throw Wrong(number, $"answers question {index} once more. Remove it");
        }

        if (IsComplete && _lines.Count != questions)
            throw Wrong(number, $"is a summary, but {questions - _lines.Count} of {questions} questions have no line. Remove it, and they are asked");
    }

    private ResultsException Wrong(int line, string what) => new(Path, $"line {line} {what}.");
}
