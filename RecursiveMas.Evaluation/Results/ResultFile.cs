using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using RecursiveMas.Shared;

namespace RecursiveMas.Results;

/// <summary>
/// The results of one variant, a line a question. While a run goes on, lines stand in the order in which they came; when all are there, the file is
/// replaced by one in the order of the questions with the summary as its last line.
/// </summary>
/// <remarks>Safe for concurrent calls. Lines stay in the file; what is kept in memory is where they stand.</remarks>
internal sealed class ResultFile : IDisposable
{
    private const string Index = "sample_idx", Kind = "type", Summary = "summary";

    private static readonly FileStreamOptions s_reading =
        new() { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, (long From, int Length)> _lines = [];
    private FileStream _stream;
    private long _end;

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

    /// <summary>The lines in the order of the questions, read from the file one by one.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            (long From, int Length)[] places;
            lock (_gate)
                places = [.. _lines.Values];
            return places.Select(Line);
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
        path, s_reading, run, questions);

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
        byte[] line = ResultJson.Bytes(ResultJson.Line(row));
        lock (_gate)
        {
            if (!_lines.ContainsKey(index))
                _lines.Add(index, Write(line));
        }
    }

    /// <summary>Replaces the file by one in the order of the questions, with the summary at its end.</summary>
    public void Complete(JsonObject summary)
    {
        lock (_gate)
        {
            // Until the new file stands, the old one does.
            FileFaults.Write(Path, () =>
            {
                var places = new Dictionary<int, (long From, int Length)>();
                using (FileStream written = File.Create(Path + ".new"))
                {
                    foreach (int index in _lines.Keys)
                    {
                        (long From, int Length) place = (written.Position, _lines[index].Length);
                        written.Write(Bytes(_lines[index]));
                        written.WriteByte((byte)'\n');
                        places.Add(index, place);
                    }

                    written.Write(ResultJson.Bytes(ResultJson.Line(summary)));
                }

                // Some systems replace no file that is open.
                _stream.Dispose();
                File.Move(Path + ".new", Path, overwrite: true);
                _stream = new FileStream(Path, s_reading);
                foreach ((int index, (long From, int Length) place) in places)
                    _lines[index] = place;
            });
            IsComplete = true;
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Puts a line behind the others; returns where it stands. A line that does not fit leaves nothing behind.</summary>
    private (long From, int Length) Write(byte[] line)
    {
        (long From, int Length) place = (_end, line.Length - 1);
        try
        {
            FileFaults.Write(Path, () => _stream.Write(line));
        }
        catch
        {
            FileFaults.Write(Path, () => _stream.SetLength(_end));
            throw;
        }

        _end += line.Length;
        return place;
    }

    private string Line((long From, int Length) place) => FileFaults.Read(Path, () => Encoding.UTF8.GetString(Bytes(place)));

    private byte[] Bytes((long From, int Length) place)
    {
        byte[] bytes = new byte[place.Length];
        for (int read = 0; read < bytes.Length;)
        {
            int count = RandomAccess.Read(_stream.SafeFileHandle, bytes.AsSpan(read), place.From + read);
            read += count > 0 ? count : throw new EndOfStreamException($"{Path} became shorter while it was read.");
        }

        return bytes;
    }

    private void Read(string run, int questions)
    {
        int number = 0;
        foreach ((long from, byte[] bytes) in WholeLines())
        {
            JsonObject row = ResultJson.Parse(Encoding.UTF8.GetString(bytes), Path, $"Line {++number}");
            if (IsComplete)
                throw Wrong(number, "stands behind the summary. Remove it");
            if (TextOf(row["run"]) != run)
                throw Wrong(number, "belongs to a run with other settings. Write into another folder, or remove the file");
            if (TextOf(row[Kind]) == Summary)
                IsComplete = true;
            else if (row[Index] is not JsonValue value || !value.TryGetValue(out int index) || index < 0 || index >= questions)
                throw Wrong(number, $"has no '{Index}' from 0 to {questions - 1}. Remove it");
            else if (!_lines.TryAdd(index, (from, bytes.Length)))
                throw Wrong(number, $"answers question {index} once more. Remove it");
        }

        if (_stream.Length > _end && _stream.CanWrite)
            _stream.SetLength(_end);
        _stream.Position = _end;
        if (IsComplete && _lines.Count != questions)
            throw Wrong(number, $"is a summary, but {questions - _lines.Count} of {questions} questions have no line. Remove it, and they are asked");
    }

    /// <summary>The lines that have an end, with the places where they begin; <see cref="_end"/> follows them.</summary>
    private IEnumerable<(long From, byte[] Bytes)> WholeLines()
    {
        var line = new ArrayBufferWriter<byte>();
        byte[] buffer = new byte[64 << 10];
        while (_stream.Read(buffer) is > 0 and int count)
        {
            for (int at = 0; at < count;)
            {
                int length = buffer.AsSpan(at, count - at).IndexOf((byte)'\n');
                line.Write(buffer.AsSpan(at, length < 0 ? count - at : length));
                if (line.WrittenCount > ResultJson.LongestLine)
                    throw new ResultsException(Path, "holds a line longer than any result. Remove it, and its question is asked again.");
                if (length < 0)
                    break;
                yield return (_end, line.WrittenSpan.ToArray());
                _end += line.WrittenCount + 1;
                at += length + 1;
                line.ResetWrittenCount();
            }
        }
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private ResultsException Wrong(int line, string what) => new(Path, $"line {line} {what}.");
}
