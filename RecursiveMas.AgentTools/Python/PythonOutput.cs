using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas.Python;

/// <summary>What an agent reads of a run.</summary>
internal static class PythonOutput
{
    public static string Of(PythonRun run, PythonOptions options)
    {
        string notice = run.End switch
        {
            PythonRunEnd.TimedOut => string.Create(
                CultureInfo.InvariantCulture, $"[timeout] the code ran longer than {options.TimeLimit.TotalSeconds:0.###} s and was stopped"),
            PythonRunEnd.TooMuchOutput => string.Create(
                CultureInfo.InvariantCulture, $"[output limit] the code printed more than {options.MaxOutputBytes} bytes and was stopped; it began with:"),
            PythonRunEnd.TooMuchMemory => string.Create(
                CultureInfo.InvariantCulture, $"[memory limit] the code took more than {options.MaxMemoryBytes >> 20} MiB and was stopped"),
            _ => "",
        };
        return run.End == PythonRunEnd.TimedOut ? notice : Join(notice, run);
    }

    private static string Join(string notice, PythonRun run)
    {
        string output = End(run.Output), error = End(run.Error);
        string[] parts =
        [
            notice,
            output,
            error.Length > 0 ? "[stderr]\n" + error : "",
            run.ExitCode is { } code and not 0 ? string.Create(CultureInfo.InvariantCulture, $"[exit_code] {code}") : "",
        ];
        string text = string.Join('\n', parts.Where(part => part.Length > 0));
        return text.Length > 0 ? text : "[no output]";
    }

    private static string End(string text)
    {
        int end = text.Length;
        while (end > 0 && TextTrim.IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }
}
