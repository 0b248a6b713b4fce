using RecursiveMas.Checkpoints;
using RecursiveMas.Checkpoints.Pt;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

[Collection(LiveTensors.Collection)]
public class LinkWriterTests
{
    // Sizes of the released files, those that were seen and those that follow from them.
    [Theory]
    [InlineData(1536, 9_458_829)]
    [InlineData(2048, 16_805_005)]
    [InlineData(2560, 26_248_333)]
    [InlineData(3072, 37_788_813)]
    [InlineData(4096, 67_161_229)]
    public void InnerLinksHaveTheReleasedSize(long width, long bytes) =>
        Assert.Equal(bytes, LinkWriter.Measure(Inner(width), "adapter", "cuda:0"));

    [Theory]
    [InlineData(2048, 2048, 41_980_117)]
    [InlineData(2560, 2560, 65_581_269)]
    [InlineData(1536, 2048, 35_686_613)]
    [InlineData(2048, 1536, 28_342_485)]
    [InlineData(2560, 3072, 84_986_069)]
    [InlineData(3072, 2560, 73_447_637)]
    [InlineData(4096, 2048, 67_154_133)]
    [InlineData(2048, 4096, 117_502_165)]
    [InlineData(4096, 2560, 89_180_373)]
    [InlineData(2560, 4096, 130_087_125)]
    public void OuterLinksHaveTheReleasedSize(long from, long to, long bytes) =>
        Assert.Equal(bytes, LinkWriter.Measure(Outer(from, to), "outer_12", "cuda:0"));

    [Fact]
    public void Four_gigabytes_are_refused_under_the_files_name_before_it_is_there()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = folder.Path("large.pt");
        var tensors = new Dictionary<string, Tensor> { ["proj1.weight"] = zeros(1).expand(1L << 30) };
        Assert.Contains(path, Assert.Throws<UnsupportedCheckpointException>(() => LinkWriter.Write(path, tensors)).Message, StringComparison.Ordinal);
        Assert.Empty(folder.Folder.Files);
    }

    public static IEnumerable<TheoryDataRow<string>> LinkFiles()
    {
        string? folder = Goldens.TryFolder("pt");
        return Goldens.Rows(folder is null
            ? []
            : [.. Directory.EnumerateFiles(folder, "*.pt").Select(f => Path.GetFileName(f)).Where(IsPlainLink).Order(StringComparer.Ordinal)], "pt");
    }

    [Theory]
    [MemberData(nameof(LinkFiles))]
    public void WrittenFileEqualsTorchsOwnByteForByte(string file)
    {
        string path = Goldens.Folder("pt", file);
        byte[] original = File.ReadAllBytes(path);
        LiveTensors.Unchanged(() =>
        {
            using var temporary = new TemporaryFolder();
            using var scope = NewDisposeScope();
            IReadOnlyDictionary<string, Tensor> tensors = LinkFile.Read(CheckpointFolder.FromDirectory(Path.GetDirectoryName(path)!), file);
            LinkWriter.Write(
                temporary.Path("a.pt"),
                tensors,
                Path.GetFileNameWithoutExtension(file),
                file.Contains("cuda", StringComparison.Ordinal) ? "cuda:0" : "cpu");
            // The serialization id is a number of torch's own making; it and its two check sums may differ.
            byte[] written = File.ReadAllBytes(temporary.Path("a.pt"));
            Assert.Equal(original.Length, written.Length);
            int[] differences = [.. Enumerable.Range(0, written.Length).Where(i => written[i] != original[i])];
            Assert.InRange(differences.Length, 0, 48);
            int id = original.AsSpan().IndexOf(".data/serialization_id"u8);
            Assert.All(differences, at => Assert.True(at > id, $"byte {at} differs"));
        });
    }

    [Theory]
    [InlineData(ScalarType.Float32, "cpu")]
    [InlineData(ScalarType.BFloat16, "cuda:0")]
    [InlineData(ScalarType.Float16, "cpu")]
    public void WhatIsWrittenIsRead(ScalarType type, string location)
    {
        LiveTensors.Unchanged(() =>
        {
            using var temporary = new TemporaryFolder();
            using var scope = NewDisposeScope();
            var link = new OrderedDictionary<string, Tensor>();
            foreach ((string name, LinkTensorInfo info) in Outer(5, 7))
                link.Add(name, randn([.. info.Shape.Reverse()]).to_type(type).T.requires_grad_(true));
            LinkWriter.Write(temporary.Path("a.pt"), link, location: location);
            Assert.Equal(
                LinkWriter.Measure(link.Select(e => KeyValuePair.Create(e.Key, new LinkTensorInfo(type, e.Value.shape))), LinkWriter.DefaultRoot, location),
                new FileInfo(temporary.Path("a.pt")).Length);
            IReadOnlyDictionary<string, Tensor> read = LinkFile.Read(temporary.Folder, "a.pt", link.ToDictionary(e => e.Key, e => e.Value.shape));
            Assert.Equal(link.Keys, read.Keys);
            foreach ((string name, Tensor tensor) in link)
                PtTests.Same(tensor.detach(), read[name]);
            Assert.Equal(["a.pt"], temporary.Folder.Files);
        });
    }

    [Fact]
    public void ManyTensorsAreWrittenWithWideMemoSlots()
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 60).Select(i => KeyValuePair.Create($"part{i}.weight", full([2, 3], i, ScalarType.Float32))).ToList();
        LinkWriter.Write(temporary.Path("a.pt"), tensors);
        IReadOnlyDictionary<string, Tensor> read = LinkFile.Read(temporary.Folder, "a.pt");
        Assert.All(tensors, entry => PtTests.Same(entry.Value, read[entry.Key]));
    }

    [Fact]
    public void OtherElementTypesAreRefusedAndNothingIsLeftBehind()
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Assert.Throws<UnsupportedCheckpointException>(() => LinkWriter.Write(temporary.Path("a.pt"), [KeyValuePair.Create("a", ones(2, ScalarType.Float64))]));
        Assert.Empty(temporary.Folder.Files);
    }

    // Files that torch wrote for an ordinary module: others are arranged by hand.
    private static bool IsPlainLink(string file)
    {
        string[] words = Path.GetFileNameWithoutExtension(file).Split('_');
        string[] types = ["bf16", "fp16", "fp32"];
        return (words[0] == "inner" && words.Length == 3 && types.Contains(words[2]))
            || (words[0] == "outer" && words.Length is 4 or 6 && types.Contains(words[3]));
    }

    private static List<KeyValuePair<string, LinkTensorInfo>> Inner(long h) =>
    [
        Of("proj1.weight", h, h), Of("proj1.bias", h), Of("proj2.weight", h, h), Of("proj2.bias", h),
        Of("pre_ln.weight", h), Of("pre_ln.bias", h), Of("post_ln.weight", h), Of("post_ln.bias", h),
    ];

    private static List<KeyValuePair<string, LinkTensorInfo>> Outer(long a, long b) =>
    [
        Of("proj1.weight", 2 * b, a), Of("proj1.bias", 2 * b), Of("proj2.weight", b, 2 * b), Of("proj2.bias", b),
        Of("ln_source.weight", a), Of("ln_source.bias", a), Of("ln_target.weight", b), Of("ln_target.bias", b),
        Of("residual_proj.weight", b, a), Of("residual_proj.bias", b),
    ];

    private static KeyValuePair<string, LinkTensorInfo> Of(string name, params long[] shape) =>
        KeyValuePair.Create(name, new LinkTensorInfo(ScalarType.BFloat16, shape));
}
