using System.Diagnostics;
using RecursiveMas.Checkpoints;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>Time and memory of reading checkpoint files: synthetic weights of 1 GB, and a link of the largest released size.</summary>
internal static class CheckpointBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- checkpoints";
    private const int Tensors = 64, Rows = 4096, Columns = 2048, LinkInput = 2560, LinkOutput = 4096;

    public static int Run(string[] arguments)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recursivemas-benchmark-");
        try
        {
            Measure(folder.FullName);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Measure(string path)
    {
        WriteWeights(Path.Combine(path, "model.safetensors"));
        WriteLink(Path.Combine(path, "outer.pt"));
        CheckpointFolder folder = CheckpointFolder.FromDirectory(path);
        using (var warm = zeros(1))
            warm.add(1).Dispose();
        var table = new ResultTable(
            "Reading checkpoint files: memory above the idle process",
            Command,
            "what",
            "MB",
            "ms",
            "peak / file",
            "private memory / file");
        Row(table, "weights: headers only", folder.GetLength("model.safetensors"), () =>
        {
            using var files = WeightFiles.Open(folder);
            _ = files.BytesByType;
        });
        Row(table, "weights: all tensors mapped (zero-copy)", folder.GetLength("model.safetensors"), () => Take(folder, read: false));
        Row(table, "weights: all tensors mapped, every value read", folder.GetLength("model.safetensors"), () => Take(folder, read: true));
        Row(
            table,
            $"link {LinkInput} to {LinkOutput}, .pt, check sums and values checked",
            folder.GetLength("outer.pt"),
            () => LinkFile.Read(folder, "outer.pt"));
        table.Write("checkpoints", "Everything stays alive until its row is measured. Mapped weights become resident when they are first read.");
    }

    private static void Row(ResultTable table, string what, long bytes, Action read)
    {
        GC.Collect();
        ProcessMemory.ResetPeak();
        long idle = ProcessMemory.Resident, idlePrivate = ProcessMemory.Anonymous, start = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        read();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        table.Add(
            what,
            $"{bytes / 1e6:0}",
            $"{milliseconds:0}",
            $"{(double)(ProcessMemory.PeakResident - idle) / bytes:0.000}",
            $"{(double)(ProcessMemory.Anonymous - idlePrivate) / bytes:0.000}");
    }

    private static void Take(CheckpointFolder folder, bool read)
    {
        using var files = WeightFiles.Open(folder);
        var reader = new WeightReader(files);
        for (int i = 0; i < Tensors; i++)
        {
            Tensor weight = reader.Take($"layers.{i}.weight", Rows, Columns);
            if (read)
                weight.max().Dispose();
        }

        reader.EnsureAllTaken();
    }

    private static void WriteWeights(string path) => SafetensorsWriter.Write(
        path,
        Enumerable.Range(0, Tensors).Select(i => new TensorSource(
            $"model.layers.{i}.weight",
            ScalarType.BFloat16,
            [Rows, Columns],
            () => full([Rows, Columns], i, ScalarType.BFloat16))));

    private static void WriteLink(string path)
    {
        using var scope = NewDisposeScope();
        var formula = (Links.LinkFormula)LinkTypeRegistry.BuiltIn.Find(LinkTypeRegistry.DefaultOuter, "benchmark");
        LinkWriter.Write(
            path,
            formula.Tensors(LinkInput, LinkOutput).Select(weight => KeyValuePair.Create(weight.Name, randn(weight.Shape).to_type(ScalarType.BFloat16))));
    }
}
