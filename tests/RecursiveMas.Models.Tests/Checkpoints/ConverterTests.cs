using System.Security.Cryptography;
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
public class ConverterTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\0b")]
    public void PathsThatAreNone(string? path)
    {
        Assert.Throws<InvalidOptionException>(() => CheckpointConverter.ToSafetensors(path!, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Throws<InvalidOptionException>(() => CheckpointConverter.LinkToPt(path!, "x.pt"));
    }

    public static IEnumerable<TheoryDataRow<string>> Files()
    {
        string? folder = Goldens.TryFolder("pt");
        return Goldens.Rows(
            folder is null ? [] : [.. Directory.EnumerateFiles(folder, "*.pt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)],
            "pt");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void ConversionHoldsTheExpectedTensors(string file)
    {
        string path = Goldens.Folder("pt", file);
        LiveTensors.Unchanged(() =>
        {
            using var temporary = new TemporaryFolder();
            using var scope = NewDisposeScope();
            string target = temporary.Path("converted.safetensors");
            CheckpointException? refusal =
                HostileFiles.Try(() => ToSafetensors(path, target, new CheckpointOrigin { Repository = "a/b", Revision = "c", LinkType = "d" }));
            if (refusal is not null)
            {
                Assert.Matches("1\\.6|protocol 4|ComplexFloat64", refusal.Message);
                Assert.Empty(temporary.Folder.Files);
                return;
            }

            using var converted = SafetensorsFile.Open(temporary.Folder, "converted.safetensors");
            string contents = Path.ChangeExtension(path, ".expected.safetensors");
            if (File.Exists(contents))
            {
                using var expected = SafetensorsFile.Open(CheckpointFolder.FromDirectory(Path.GetDirectoryName(path)!), Path.GetFileName(contents));
                Assert.Equal(expected.Tensors.Keys.Order(StringComparer.Ordinal), converted.Tensors.Keys.Order(StringComparer.Ordinal));
                Assert.All(expected.Tensors.Keys, name => PtTests.Same(expected.Get(name), converted.Get(name)));
            }
            else
            {
                Assert.Empty(converted.Tensors);
            }

            Assert.All(converted.Tensors.Values, tensor => Assert.Equal(0, tensor.Begin % SafetensorsTypes.Known[tensor.TypeName].Bytes));
            foreach ((string key, string value) in new[]
            {
                ("source", file), ("source_sha256", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))), ("source_repository", "a/b"),
                ("source_revision", "c"), ("link_type", "d"), ("format", "pt"),
            })
                Assert.Equal(value, converted.Metadata[key]);
        });
    }

    [Fact]
    public void WidthsAreNoted()
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        LinkWriter.Write(temporary.Path("outer.pt"), [KeyValuePair.Create("proj1.weight", ones(14, 5)), KeyValuePair.Create("proj2.weight", ones(7, 14))]);
        ToSafetensors(temporary.Path("outer.pt"));
        using var outer = SafetensorsFile.Open(temporary.Folder, "outer.pt.safetensors");
        Assert.Equal("5", outer.Metadata["in_dim"]);
        Assert.Equal("7", outer.Metadata["out_dim"]);
        Assert.False(outer.Metadata.ContainsKey("values"));
    }

    [Fact]
    public void ValuesThatAreNoTensorsAreNoted()
    {
        byte[] pickle =
        [
            PickleOpcodes.Proto, 2, PickleOpcodes.EmptyDict, PickleOpcodes.BinUnicode, 1, 0, 0, 0, (byte)'a', PickleOpcodes.EmptyList, PickleOpcodes.Mark,
            PickleOpcodes.BinInt1, 7, PickleOpcodes.NewTrue, PickleOpcodes.None, PickleOpcodes.BinFloat, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, PickleOpcodes.Appends,
            PickleOpcodes.SetItem, PickleOpcodes.Stop,
        ];
        using var temporary = new TemporaryFolder();
        using (FileStream file = File.Create(temporary.Path("values.pt")))
            PtWriter.Write(file, "archive", pickle, []);
        ToSafetensors(temporary.Path("values.pt"));
        using var values = SafetensorsFile.Open(temporary.Folder, "values.pt.safetensors");
        Assert.Equal("""{"a.0":7,"a.1":true,"a.2":null,"a.3":1.5}""", values.Metadata["values"]);
    }

    [Fact]
    public void LinkIsReadFromItsConversionWhileTheHashMatches()
    {
        string source = Goldens.Folder("pt", "inner_16_fp32.pt");
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        File.Copy(source, temporary.Path("adapter.pt"));
        IReadOnlyDictionary<string, Tensor> original = LinkFile.Read(temporary.Folder, "adapter.pt");
        Assert.Equal(temporary.Path("adapter.pt.safetensors"), ToSafetensors(temporary.Path("adapter.pt")));

        // A mark in the conversion shows which file is read.
        byte[] conversion = File.ReadAllBytes(temporary.Path("adapter.pt.safetensors"));
        string marked = original.Keys.Order(StringComparer.Ordinal).Last();
        BitConverter.GetBytes(42f).CopyTo(conversion.AsSpan(conversion.Length - sizeof(float)));
        temporary.Write("adapter.pt.safetensors", conversion);
        Assert.Equal(42f, LinkFile.Read(temporary.Folder, "adapter.pt")[marked].view(-1)[-1].item<float>());
        Assert.Equal(original.Keys.Order(StringComparer.Ordinal), LinkFile.ReadInfo(temporary.Folder, "adapter.pt").Keys.Order(StringComparer.Ordinal));

        File.Copy(Goldens.Folder("pt", "inner_16_plain_dict.pt"), temporary.Path("adapter.pt"), overwrite: true);
        Assert.NotEqual(42f, LinkFile.Read(temporary.Folder, "adapter.pt")[marked].view(-1)[-1].item<float>());
    }

    [Fact]
    public void LinkGoesToSafetensorsAndBack()
    {
        string source = Goldens.Folder("pt", "outer_16_24_bf16.pt");
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        ToSafetensors(source, temporary.Path("a.safetensors"));
        CheckpointConverter.LinkToPt(temporary.Path("a.safetensors"), temporary.Path("a.pt"));
        IReadOnlyDictionary<string, Tensor> expected = LinkFile.Read(CheckpointFolder.FromDirectory(Path.GetDirectoryName(source)!), Path.GetFileName(source));
        IReadOnlyDictionary<string, Tensor> back = LinkFile.Read(temporary.Folder, "a.pt");
        Assert.Equal(expected.Count, back.Count);
        Assert.All(expected, entry => PtTests.Same(entry.Value, back[entry.Key]));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 8)]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]}}""", 4)]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0)]
    [InlineData("""{}""", 0)]
    public void SafetensorsLinkObeysTheLimitsOfLinks(string header, int bytes)
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("a.safetensors", SafetensorsTests.Image(header, new byte[bytes]));
        Assert.Throws<CheckpointException>(() => LinkFile.Read(temporary.Folder, "a.safetensors"));
    }

    [Fact]
    public void NonFiniteSafetensorsLinkIsRefused()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write(
            "a.safetensors",
            SafetensorsTests.Image("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", BitConverter.GetBytes(float.NaN)));
        LiveTensors.Unchanged(() => Assert.Contains(
            "'a'",
            Assert.Throws<CheckpointException>(() => LinkFile.Read(temporary.Folder, "a.safetensors")).Message,
            StringComparison.Ordinal));
    }

    [Fact]
    public void CancelledConversionLeavesNothingBehind()
    {
        using var temporary = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => CheckpointConverter.ToSafetensors(
            Goldens.Folder("pt", "inner_16_fp32.pt"),
            temporary.Path("a.safetensors"),
            cancellationToken: new CancellationToken(canceled: true)));
        Assert.Empty(temporary.Folder.Files);
    }

    [Fact]
    public void MissingSourceIsNamed()
    {
        using var temporary = new TemporaryFolder();
        Assert.Contains("nothing.pt", Assert.Throws<CheckpointException>(() => ToSafetensors(temporary.Path("nothing.pt"))).Message, StringComparison.Ordinal);
    }

    private static string ToSafetensors(string source, string? target = null, CheckpointOrigin? origin = null) =>
        CheckpointConverter.ToSafetensors(source, target, origin, TestContext.Current.CancellationToken);
}
