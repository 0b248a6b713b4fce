using System.Text;

namespace RecursiveMas.Tool.Output;

/// <summary>The standard streams where one of them is closed, or leads to a full disk.</summary>
internal static class StandardStreams
{
    /// <summary>
    /// From here on a result that cannot be written is an <see cref="OutputException"/>, and a message on the error stream that cannot be written is dropped.
    /// </summary>
    public static void Guard()
    {
        Console.SetOut(new Guarded(() => Console.Out, reason => throw new OutputException(reason)));
        Console.SetError(new Guarded(() => Console.Error, _ => { }));
    }

    private sealed class Guarded : TextWriter
    {
        private readonly TextWriter? _inner;
        private readonly string _closed = "it is closed";
        private readonly Action<string> _failed;

        public Guarded(Func<TextWriter> open, Action<string> failed)
        {
            _failed = failed;
            try
            {
                // Opened at once: a file that is opened later might get the number of a closed stream.
                _inner = open();
            }
            catch (Exception error) when (IsOfTheSystem(error))
            {
                _closed = error.Message;
            }
        }

        public override Encoding Encoding => _inner?.Encoding ?? Encoding.Default;

        public override void Write(char value) => Try(writer => writer.Write(value));

        public override void Write(char[] buffer, int index, int count) => Try(writer => writer.Write(buffer, index, count));

        public override void Write(string? value) => Try(writer => writer.Write(value));

        public override void Flush() => Try(writer => writer.Flush());

        private void Try(Action<TextWriter> write)
        {
            try
            {
                if (_inner is { } writer)
                    write(writer);
                else
                    _failed(_closed);
            }
            catch (Exception error) when (IsOfTheSystem(error))
            {
                _failed(error is UnauthorizedAccessException ? _closed : error.Message.TrimEnd('.'));
            }
        }

        private static bool IsOfTheSystem(Exception error) => error is IOException or UnauthorizedAccessException;
    }
}
