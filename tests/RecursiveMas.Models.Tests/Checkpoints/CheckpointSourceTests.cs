using System.Globalization;
using RecursiveMas.Checkpoints;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

/// <summary>Files that lie in an assembly, all links of the golden data, and what mapping costs.</summary>
[Collection(LiveTensors.Collection)]
public class CheckpointSourceTests
{
    private const string Embedded = "embedded-checkpoint";

    public static IEnumerable<TheoryDataRow<string>> Systems() => Goldens.Subfolders("mas");

    [Fact]
    public void FilesInAnAssemblyAreRead()
    {
        Assert.Equal(2, typeof(CheckpointSourceTests).Assembly.GetManifestResourceNames().Count(name => name.StartsWith(Embedded, StringComparison.Ordinal)));
        var folder = CheckpointFolder.FromResources(typeof(CheckpointSourceTests).Assembly, Embedded);
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            using var files = WeightFiles.Open(folder);
            IReadOnlyDictionary<string, Tensor> link = LinkFile.Read(folder, "adapter.pt");
            Assert.Equal(link.Count, files.Weights.Count);
            var reader = new WeightReader(files);
            foreach ((string name, Tensor tensor) in link)
                PtTests.Same(tensor, reader.Take(name, tensor.shape));
        });
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void EveryLinkOfTheSystemIsRead(string system)
    {
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            foreach (string path in Goldens.NotEmpty(
                Directory.EnumerateFiles(Goldens.Folder("mas", system), "*.pt", SearchOption.AllDirectories),
                $"mas/{system}"))
            {
                var folder = CheckpointFolder.FromDirectory(Path.GetDirectoryName(path)!);
                IReadOnlyDictionary<string, Tensor> link = LinkFile.Read(folder, Path.GetFileName(path));
                Assert.Contains("proj1.weight", link.Keys);
                Assert.Equal(link.Keys, LinkFile.ReadInfo(folder, Path.GetFileName(path)).Keys);
            }
        });
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void OneValueThatIsNotFiniteIsFoundWhereverItStands(ScalarType type)
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        const int Count = 67;
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (int at in new[] { 0, 1, 31, 32, 63, Count - 1 })
            {
                Tensor weight = linspace(-1, 1, Count).to_type(type);
                weight[at] = value;
                LinkWriter.Write(temporary.Path("a.pt"), [KeyValuePair.Create("w", weight)]);
                Assert.Contains("'w'", Assert.Throws<CheckpointException>(() => LinkFile.Read(temporary.Folder, "a.pt")).Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    [Trait("Category", "Long")]
    public void MappedWeightsCostNoPrivateMemory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is read from /proc.");
        const int Tensors = 64;
        const long Elements = 8 << 20, Bytes = Tensors * Elements * 2;
        using var temporary = new TemporaryFolder();
        string header = "{" +
            string.Join(
                ",",
                Enumerable.Range(0, Tensors)
                    .Select(i => $"\"w.{i}\":{{\"dtype\":\"BF16\",\"shape\":[{Elements}],\"data_offsets\":[{i * Elements * 2},{(i + 1) * Elements * 2}]}}")) +
            "}";
        byte[] start = SafetensorsTests.Image(header.PadRight((header.Length + 7) / 8 * 8), []);
        temporary.Write("model.safetensors", start);
        // Without blocks of its own on disk; read as zeros.
        using (FileStream stream = File.OpenWrite(temporary.Path("model.safetensors")))
            stream.SetLength(start.Length + Bytes);

        using var scope = NewDisposeScope();
        ones(1000).sum().Dispose();
        File.WriteAllText("/proc/self/clear_refs", "5");
        long idle = Status("VmRSS"), idlePrivate = Status("RssAnon");
        using var files = WeightFiles.Open(temporary.Folder);
        var reader = new WeightReader(files);
        for (int i = 0; i < Tensors; i++)
            Assert.Equal(0f, reader.Take($"w.{i}", Elements).max().ToSingle());
        Assert.InRange(Status("RssAnon") - idlePrivate, long.MinValue, Bytes / 20);
        Assert.InRange(Status("VmHWM") - idle, Bytes / 2, Bytes + (Bytes / 20));
    }

    private static long Status(string field) => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Replace(
            "kB",
            "",
            StringComparison.Ordinal),
        NumberStyles.Integer, CultureInfo.InvariantCulture);
}
