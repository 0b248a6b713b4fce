using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Checkpoints.Tests;

/// <summary>Files of torch.save and safetensors as bytes, without any tensor library.</summary>
public class PtFileTests
{
    public static IEnumerable<TheoryDataRow<string>> Links()
    {
        string? folder = Goldens.TryFolder("pt");
        if (folder is null || !File.Exists(Path.Combine(folder, "files.json")))
            return Goldens.Rows([], "pt");
        using JsonDocument list = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "files.json")));
        string[] files = [.. list.RootElement
            .GetProperty("files")
            .EnumerateArray()
            .Where(file => file.GetProperty("link_reader").GetString() == "accept")
            .Select(file => file.GetProperty("file").GetString()!)];
        return Goldens.Rows(files, "pt");
    }

    [Theory]
    [MemberData(nameof(Links))]
    public void The_bytes_of_every_dense_tensor_are_those_of_its_conversion(string file)
    {
        var folder = CheckpointFolder.FromDirectory(Goldens.Folder("pt"));
        string converted = Path.ChangeExtension(file, ".expected.safetensors");
        SafetensorsHeader header = SafetensorsHeader.Read(folder, converted);
        byte[] all = folder.ReadAllBytes(converted, long.MaxValue);
        using var pt = PtFile.Open(folder, file);
        int compared = 0;
        foreach ((string path, PtTensor tensor) in pt.Tensors)
        {
            if (!header.Tensors.TryGetValue(path, out SafetensorsTensor? expected))
                continue;
            Assert.Equal((expected.Type, expected.ByteCount, expected.ElementSize), (tensor.Type, tensor.ByteCount, tensor.Storage.ElementSize));
            Assert.Equal(expected.Shape, tensor.Shape);
            if (!tensor.IsContiguous)
                continue;
            byte[] storage = new byte[tensor.Storage.ByteCount];
            using Stream stream = pt.OpenStorage(tensor.Storage);
            Assert.Equal(storage.Length, stream.Length);
            stream.ReadExactly(storage);
            Assert.Equal(0, stream.Read(new byte[1]));
            Assert.True(all
                .AsSpan((int)expected.Begin, (int)expected.ByteCount)
                .SequenceEqual(storage.AsSpan((int)(tensor.Offset * expected.ElementSize), (int)tensor.ByteCount)), path);
            compared++;
        }

        Assert.True(compared > 0, "Nothing was compared.");
    }

    [Fact]
    public void What_is_written_is_read_and_a_changed_byte_is_noticed()
    {
        using var temporary = new TemporaryFolder();
        byte[] weight = [.. Enumerable.Range(0, 24).Select(i => (byte)i)], bias = [1, 2];
        PtTensorSource[] tensors =
        [
            new("proj1.weight", ElementType.Float32, [2, 3], take =>
            {
                take(weight.AsSpan(0, 5));
                take(weight.AsSpan(5));
            }),
            new("proj1.bias", ElementType.BFloat16, [1], take => take(bias)),
        ];
        using var written = new MemoryStream();
        PtWriter.Write(written, tensors, "adapter", ["", "proj1"]);
        Assert.Equal(PtWriter.Measure(tensors, "adapter", ["", "proj1"]), written.Length);
        temporary.Write("a.pt", written.ToArray());
        using (var file = PtFile.Open(temporary.Folder, "a.pt", PtRules.Link))
        {
            Assert.Equal(["proj1.weight", "proj1.bias"], file.GetStateDictionary().Keys);
            Assert.Equal(written.Length, file.Length);
            Assert.Equal(weight, Bytes(file, "proj1.weight"));
            Assert.Equal(bias, Bytes(file, "proj1.bias"));
            Assert.Empty(file.Values);
            Assert.Throws<CheckpointException>(() => file.OpenStorage(new PtStorage("9", "FloatStorage", ElementType.Float32, 4, 1)));
            Assert.Throws<CheckpointException>(() => file.OpenStorage(file.Tensors["proj1.bias"].Storage with { Count = 2 }));
        }

        byte[] damaged = written.ToArray();
        damaged[damaged.AsSpan().IndexOf(weight) + 3] ^= 1;
        temporary.Write("b.pt", damaged);
        using var other = PtFile.Open(temporary.Folder, "b.pt");
        Assert.Throws<CheckpointException>(() => Bytes(other, "proj1.weight"));
        Assert.Equal(bias, Bytes(other, "proj1.bias"));
    }

    [Fact]
    public void What_is_no_state_dictionary_is_refused_as_one()
    {
        string? nested = Goldens.TryFolder("pt") is { } folder
            ? Directory.EnumerateFiles(folder, "*.pt").Order(StringComparer.Ordinal).FirstOrDefault(IsNested)
            : null;
        Assert.SkipWhen(nested is null, "There is no such file among the golden data.");
        Assert.Throws<CheckpointException>(() => PtOf(nested!).GetStateDictionary());
    }

    [Fact]
    public void A_folder_of_beginnings_knows_lengths_and_refuses_to_read_on()
    {
        var files = new Dictionary<string, FileBeginning>
        {
            ["config.json"] = new(new byte[] { (byte)'{', (byte)'}' }, 2, "a"),
            ["model.safetensors"] = new(new byte[30], 1000, null),
        };
        CheckpointFolder folder = CheckpointFolder.FromBeginnings("the hub", files);
        Assert.False(folder.HasWholeFiles);
        Assert.Equal(["config.json", "model.safetensors"], folder.Files);
        Assert.Equal(
            (1000, "a", null),
            (folder.GetLength("model.safetensors"), folder.GetContentHash("config.json"), folder.GetContentHash("model.safetensors")));
        Assert.Empty(CheckpointJson.ReadObject(folder, "config.json").EnumerateObject());
        using Stream stream = folder.OpenRead("model.safetensors");
        stream.ReadExactly(new byte[30]);
        Assert.Throws<CheckpointException>(() => stream.ReadExactly(new byte[1]));
        Assert.Throws<CheckpointException>(() => folder.GetContentHash("other"));
    }

    private static byte[] Bytes(PtFile file, string tensor)
    {
        using Stream stream = file.OpenStorage(file.Tensors[tensor].Storage);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static PtFile PtOf(string path) => PtFile.Open(CheckpointFolder.FromFile(path, out string name), name);

    /// <summary>Whether a file holds something else than named tensors in one dictionary.</summary>
    private static bool IsNested(string path)
    {
        try
        {
            using PtFile file = PtOf(path);
            return file.Values.Count > 0 || file.Tensors.Keys.Any(name => name.StartsWith("0.", StringComparison.Ordinal));
        }
        catch (CheckpointException)
        {
            return false;
        }
    }
}
