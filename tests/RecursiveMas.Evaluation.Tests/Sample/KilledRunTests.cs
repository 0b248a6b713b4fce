using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RecursiveMas.Evaluation.Tests.Runs;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Sample;

/// <summary>
/// The sample as a process of its own that is killed twice. With RECURSIVEMAS_LONG=1 over 1,000 questions; RECURSIVEMAS_REPORT names a folder that keeps the
/// run.
/// </summary>
public sealed class KilledRunTests
{
    // Where it was built: beside the tests it would find the libraries of their frameworks.
    private static readonly string s_program = Path.Combine(
        Goldens.RepositoryRoot,
        "samples/Run",
        Path.GetRelativePath(Path.Combine(Goldens.RepositoryRoot, "tests/RecursiveMas.Evaluation.Tests"), AppContext.BaseDirectory),
        "RecursiveMas.Run.dll");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_was_killed_twice_comes_to_the_same_files_but_for_times()
    {
        (int questions, int variants, string controls) = LongRuns.Wanted ? (1000, 9, "all") : (12, 4, "shuffled");
        int rows = questions * variants;
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "--style", "sequential_tiny", "--num_samples", questions.ToString(CultureInfo.InvariantCulture), "--num_recursive_rounds", "1,2,3",
            "--controls", controls, "--batch_size", "16", "--device", "cpu", "--output",
        ];
        (int code, string output) = await RunAsync([.. arguments, folder.Path("whole")]);
        Assert.Equal(0, code);
        string last = output.TrimEnd().Split('\n')[^1];
        Assert.Matches(@"^accuracy=\d+\.\d\d%$", last);

        foreach (int share in (int[])[1, 2])
            await KillAsync([.. arguments, folder.Path("killed")], folder.Path("killed"), rows * share / 3);
        // What stands there now is part of a line, or ends with one.
        (code, output) = await RunAsync([.. arguments, folder.Path("killed")]);
        Assert.Equal(0, code);
        Assert.Equal(last, output.TrimEnd().Split('\n')[^1]);
        Dictionary<string, string> whole = TinyRun.WithoutTimes(folder.Path("whole")), killed = TinyRun.WithoutTimes(folder.Path("killed"));
        Assert.Equal(variants, whole.Count);
        Assert.Equal(whole.Keys.Order(StringComparer.Ordinal), killed.Keys.Order(StringComparer.Ordinal));
        Assert.All(whole.Keys, file => Assert.Equal(whole[file], killed[file]));
        JsonArray sessions = RunManifest.Load(folder.Path("killed")).Content["sessions"]!.AsArray();
        Assert.Equal([false, false, true], sessions.Select(session => session!["seconds"] is not null));
        Assert.InRange((int)sessions[2]!["questions_asked"]!, rows / 6, rows / 2);
        if (Environment.GetEnvironmentVariable("RECURSIVEMAS_REPORT") is { } keep)
        {
            foreach (string file in Directory.GetFiles(folder.Path("whole")))
                File.Copy(file, Path.Combine(keep, Path.GetFileName(file)), overwrite: true);
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(Token);
        string notes = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, notes);
        return (process.ExitCode, await output);
    }

    /// <summary>Lets a run go until so many results are there, and kills it.</summary>
    private static async Task KillAsync(string[] arguments, string folder, int rows)
    {
        using Process process = Start(arguments);
        Task reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        while (!process.HasExited && Rows(folder) < rows)
            await Task.Delay(20, Token);
        Assert.False(process.HasExited, "the run was over before it could be killed");
        process.Kill();
        await process.WaitForExitAsync(Token);
        await reading;
    }

    private static int Rows(string folder)
    {
        int rows = 0;
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.jsonl") : [])
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is not null)
                rows++;
        }

        return rows;
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(s_program);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
