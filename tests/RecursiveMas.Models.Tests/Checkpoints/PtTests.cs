using System.Text.Json;
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
public class PtTests
{
    private const string Set = "hostile";

    public static IEnumerable<TheoryDataRow<string>> Hostile() => HostileFiles.Rows(Set);

    public static IEnumerable<TheoryDataRow<string>> Files()
    {
        string? folder = Goldens.TryFolder("pt");
        string[] names = folder is null || !File.Exists(Path.Combine(folder, "files.json"))
            ? []
            : [.. List(folder).Select(f => f.GetProperty("file").GetString()!)];
        return Goldens.Rows(names, "pt");
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void HostileFileIsTreatedAsDemanded(string file)
    {
        string path = Goldens.Folder("pt", Set);
        var folder = CheckpointFolder.FromDirectory(path);
        string expect = HostileFiles.Case(path, file).GetProperty("expect").GetString()!;
        Dictionary<string, long[]>? expected = null;
        string contents = Path.ChangeExtension(Path.Combine(path, file), ".expected.safetensors");
        if (File.Exists(contents))
        {
            using var stored = SafetensorsFile.Open(folder, Path.GetFileName(contents));
            expected = stored.Tensors.Values.ToDictionary(t => t.Name, t => t.Shape.ToArray());
        }

        foreach (Action read in new Action[] { () => ReadLink(folder, file, expected), () => ReadEverything(folder, file) })
        {
            bool link = expect != "general";
            _ = HostileFiles.Try(read); // compiles the code, which would count as an allocation
            LiveTensors.Unchanged(() =>
            {
                CheckpointException? refusal = HostileFiles.Run(folder.GetLength(file), read);
                if (refusal is not null)
                    Assert.StartsWith(folder.Describe(file), refusal.Message, StringComparison.Ordinal);
                if (expect == "accept" || (expect == "refuse" && link))
                    Assert.True(refusal is null == (expect == "accept"), refusal?.Message ?? "It was read.");
            });
            expect = expect == "accept" ? expect : "general";
        }
    }

    [Fact]
    public void NothingWasExecuted()
    {
        string path = Goldens.Folder("pt", Set);
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "cases.json")));
        string marker = cases.RootElement.GetProperty("marker_file").GetString()!;
        var folder = CheckpointFolder.FromDirectory(path);
        foreach (string file in Goldens.NotEmpty(folder.Files.Where(f => f.EndsWith(".pt", StringComparison.Ordinal)), "pt/hostile"))
        {
            _ = HostileFiles.Try(() => ReadLink(folder, file, null));
            _ = HostileFiles.Try(() => ReadEverything(folder, file));
        }

        Assert.False(File.Exists(marker));
        Assert.False(File.Exists(Path.Combine(path, marker)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void LinkReaderObeysTheVerdict(string file)
    {
        string path = Goldens.Folder("pt");
        var folder = CheckpointFolder.FromDirectory(path);
        string[] verdicts = List(path).Single(f => f.GetProperty("file").GetString() == file).GetProperty("link_reader").GetString()!.Split(" or ");
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            IReadOnlyDictionary<string, Tensor>? read = null;
            CheckpointException? refusal = HostileFiles.Try(() => read = LinkFile.Read(folder, file, LinkShapes(folder, file)));
            Assert.Contains(refusal is null ? "accept" : "refuse", verdicts);
            if (refusal is not null)
            {
                Assert.StartsWith(folder.Describe(file), refusal.Message, StringComparison.Ordinal);
                return;
            }

            using var stored = SafetensorsFile.Open(folder, Path.ChangeExtension(file, ".expected.safetensors"));
            Assert.Equal(stored.Tensors.Keys.Order(StringComparer.Ordinal), read!.Keys.Order(StringComparer.Ordinal));
            foreach ((string name, Tensor tensor) in read)
            {
                Assert.True(tensor.is_contiguous());
                Same(stored.Get(name), tensor);
            }

            IReadOnlyDictionary<string, LinkTensorInfo> info = LinkFile.ReadInfo(folder, file);
            Assert.Equal(read.Keys, info.Keys);
            Assert.All(
                info,
                entry => Assert.True(entry.Value.Type == read[entry.Key].dtype && entry.Value.Shape.AsSpan().SequenceEqual(read[entry.Key].shape)));
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void GeneralReaderGivesTheStoredContents(string file)
    {
        string path = Goldens.Folder("pt");
        var folder = CheckpointFolder.FromDirectory(path);
        JsonElement entry = List(path).Single(f => f.GetProperty("file").GetString() == file);
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            PtFile? pt = null;
            CheckpointException? refusal = HostileFiles.Try(() => pt = PtFile.Open(folder, file, PtRules.General));
            if (refusal is not null)
            {
                Assert.True(entry.GetProperty("legacy").GetBoolean() || file.StartsWith("protocol_4", StringComparison.Ordinal), refusal.Message);
                Assert.Matches("1\\.6|protocol 4", refusal.Message);
                return;
            }

            using PtFile opened = pt!;
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, Path.ChangeExtension(file, ".expected.json"))));
            string tensors = Path.ChangeExtension(file, ".expected.safetensors");
            using SafetensorsFile? stored = folder.Contains(tensors) ? SafetensorsFile.Open(folder, tensors) : null;
            new PtExpectation(opened, stored).Check(document.RootElement.GetProperty("root"));
        });
    }

    [Fact]
    public void WhatLacksOrExceedsTheLinkTypeIsListed()
    {
        var info = new Dictionary<string, LinkTensorInfo> { ["a"] = new(ScalarType.Float32, [2, 3]), ["b"] = new(ScalarType.Float32, [2]) };
        string message =
            Assert.Throws<CheckpointException>(() => LinkFile.Check("x/link.pt", info, new Dictionary<string, long[]> { ["a"] = [3, 2], ["c"] = [1] })).Message;
        foreach (string part in new[] { "x/link.pt", "'c' is missing", "'b' is not part", "'a' is [2, 3] instead of [3, 2]" })
            Assert.Contains(part, message, StringComparison.Ordinal);
        LinkFile.Check("x/link.pt", info, new Dictionary<string, long[]> { ["b"] = [2], ["a"] = [2, 3] });
    }

    internal static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        if (expected.numel() > 0)
            Assert.Equal(expected.contiguous().bytes.ToArray(), actual.contiguous().bytes.ToArray());
    }

    // The link type that a file's name speaks of, as the specification writes it down.
    private static Dictionary<string, long[]> LinkShapes(CheckpointFolder folder, string file)
    {
        bool outer = file.StartsWith("outer_", StringComparison.Ordinal);
        string[] words = Path.GetFileNameWithoutExtension(file).Split('_');
        long a, b;
        if (words[0] is "inner" or "outer")
        {
            a = long.Parse(words[1]);
            b = outer ? long.Parse(words[2]) : a;
        }
        else
        {
            // Its bias of the first layer still tells the width of an inner link that something else is wrong with.
            IReadOnlyDictionary<string, LinkTensorInfo>? info = null;
            _ = HostileFiles.Try(() => info = LinkFile.ReadInfo(folder, file));
            LinkTensorInfo? first = info?.FirstOrDefault(entry => entry.Key.EndsWith("proj1.bias", StringComparison.Ordinal)).Value;
            a = b = first?.Shape[0] ?? 1;
        }

        var shapes = new Dictionary<string, long[]>
        {
            ["proj1.weight"] = outer ? [2 * b, a] : [b, a],
            ["proj1.bias"] = outer ? [2 * b] : [b],
            ["proj2.weight"] = outer ? [b, 2 * b] : [b, b],
            ["proj2.bias"] = [b],
        };
        foreach ((string norm, long width) in outer ? new[] { ("ln_source", a), ("ln_target", b) } : [("pre_ln", a), ("post_ln", b)])
            shapes[$"{norm}.weight"] = shapes[$"{norm}.bias"] = [width];
        if (outer)
            (shapes["residual_proj.weight"], shapes["residual_proj.bias"]) = ([b, a], [b]);
        return shapes;
    }

    private static void ReadLink(CheckpointFolder folder, string file, Dictionary<string, long[]>? expected)
    {
        using var scope = NewDisposeScope();
        _ = LinkFile.Read(folder, file, expected);
    }

    private static void ReadEverything(CheckpointFolder folder, string file)
    {
        using var scope = NewDisposeScope();
        using var pt = PtFile.Open(folder, file, PtRules.General);
        PtExpectation.LoadAll(pt);
    }

    private static JsonElement[] List(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "files.json")));
        return [.. document.RootElement.Clone().GetProperty("files").EnumerateArray()];
    }
}
