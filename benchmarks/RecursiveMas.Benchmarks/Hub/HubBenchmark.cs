using System.Diagnostics;
using System.Globalization;
using RecursiveMas.HubServer;

namespace RecursiveMas.Benchmarks;

/// <summary>Downloads over loopback: the hub client, hash included, beside curl, which checks nothing. The server is a process of its own.</summary>
internal static class HubBenchmark
{
    private const string Id = "owner/model", Name = "model.safetensors";
    private const int Runs = 7;

    public static int Run(string[] args)
    {
        if (args is ["serve", var bytes])
            return ServeAsync(long.Parse(bytes, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
        long[] sizes = [.. args.Where(IsNumber).Select(size => long.Parse(size, CultureInfo.InvariantCulture) << 20)];
        string folder = Directory.CreateDirectory(args.FirstOrDefault(argument => !IsNumber(argument))
            ?? Path.Combine(Path.GetTempPath(), "recursivemas-hub-benchmark")).FullName;
        var table = new ResultTable(
            "Downloads over loopback", "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- hub [FOLDER] [MIB ...]",
            "file", "curl, MB/s", "ours, MB/s", "ours / curl", "flushed: ours / curl and sync", "memory that ours takes at most, MB");
        foreach (long size in sizes.Length > 0 ? sizes : [64L << 20, 512L << 20])
            Measure(table, folder, size);
        Directory.Delete(folder, recursive: true);
        table.Write("hub", $"Medians of {Runs} alternating runs; the ratio is the median of the pairs. curl writes the file and checks nothing; " +
            "ours also hashes it (SHA-256) and links it into a snapshot. " +
            "Flushed: with FlushToDisk, beside curl and sync. Client and server share the two cores.");
        return 0;
    }

    private static bool IsNumber(string argument) => argument.All(char.IsAsciiDigit);

    private static void Measure(ResultTable table, string folder, long size)
    {
        using Process server = Start(size);
        string endpoint = server.StandardOutput.ReadLine()!;
        try
        {
            string cache = Path.Combine(folder, "cache"), file = Path.Combine(folder, "file");
            long most = 0;
            (double ours, double curl, double ratio) = SideBySide.Measure(Runs, Ours, () => Curl(endpoint, file));
            (_, _, double flushed) = SideBySide.Measure(Runs, () => Download(endpoint, cache, flush: true), () =>
            {
                Curl(endpoint, file);
                RunToEnd("sync", file);
            });
            table.Add(
                $"{size >> 20} MiB", Speed(size, curl), Speed(size, ours), ratio.ToString("0.00", CultureInfo.InvariantCulture),
                flushed.ToString("0.00", CultureInfo.InvariantCulture), (most / 1e6).ToString("0", CultureInfo.InvariantCulture));

            void Ours() => most = Math.Max(most, Download(endpoint, cache, flush: false));
        }
        finally
        {
            server.StandardInput.Close();
            server.WaitForExit();
        }
    }

    private static string Speed(long size, double seconds) => (size / seconds / 1e6).ToString("0", CultureInfo.InvariantCulture);

    private static long Download(string endpoint, string cache, bool flush)
    {
        if (Directory.Exists(cache))
            Directory.Delete(cache, recursive: true);
        using var client = new HubClient(new HubClientOptions { Endpoint = new Uri(endpoint), CacheFolder = cache, Token = "", FlushToDisk = flush });
        ProcessMemory.ResetPeak();
        long before = ProcessMemory.Resident;
        client.DownloadAsync(new HubDownload(HubRepository.Parse(Id))).GetAwaiter().GetResult();
        return ProcessMemory.PeakResident - before;
    }

    private static void Curl(string endpoint, string file)
    {
        File.Delete(file);
        RunToEnd("curl", "--silent", "--fail", "--location", "--output", file, $"{endpoint}{Id}/resolve/main/{Name}");
    }

    private static void RunToEnd(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    private static Process Start(long size) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["hub", "serve", size.ToString(CultureInfo.InvariantCulture)])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task<int> ServeAsync(long size)
    {
        await using HubServer.HubServer server = await HubServer.HubServer.StartAsync();
        server.Add(Id, new Dictionary<string, ServedFile> { [Name] = ServedFile.Random(size, 1) });
        Console.WriteLine(server.Endpoint);
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
