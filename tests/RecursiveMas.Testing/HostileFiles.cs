using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace RecursiveMas.Testing;

/// <summary>Runs a reader over a file that may be hostile and checks what every reader owes: typed exceptions, few allocations, nothing executed.</summary>
public static class HostileFiles
{
    /// <summary>Names of the files in a cases.json of the golden data.</summary>
    public static IEnumerable<TheoryDataRow<string>> Rows(string set)
    {
        string? folder = Goldens.TryFolder("pt");
        string[] names = folder is not null && File.Exists(Path.Combine(folder, set, "cases.json"))
            ? [.. Cases(Path.Combine(folder, set)).Select(c => c.GetProperty("file").GetString()!)]
            : [];
        return Goldens.Rows(names, $"pt/{set}");
    }

    public static JsonElement Case(string folder, string file) =>
        Cases(folder).Single(c => c.GetProperty("file").GetString() == file);

    /// <summary>
    /// Runs the reader; returns its exception or null. Fails on any exception of another kind and on more allocations than allowed, which is 1 MiB
    /// plus twice the file's size.
    /// </summary>
    public static CheckpointException? Run(long fileLength, Action read, long allowance = 1 << 20)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        CheckpointException? refusal = Try(read);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= allowance + 2 * fileLength, $"{allocated:N0} bytes were allocated for a file of {fileLength:N0}.");
        // Generous, as other work may hold the processor: a hang or a quadratic walk takes far longer.
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5), "The answer took too long.");
        return refusal;
    }

    public static CheckpointException? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (CheckpointException exception)
        {
            return exception;
        }
    }

    private static JsonElement[] Cases(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        return [.. document.RootElement.Clone().GetProperty("cases").EnumerateArray()];
    }
}
