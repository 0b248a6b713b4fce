using System.Text;
using RecursiveMas.Checkpoints;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

[Collection(LiveTensors.Collection)]
public class SafetensorsTests
{
    private const string Set = "safetensors-hostile";

    public static IEnumerable<TheoryDataRow<string>> Hostile() => HostileFiles.Rows(Set);

    [Theory]
    [MemberData(nameof(Hostile))]
    public void HostileFileIsTreatedAsDemanded(string file)
    {
        string path = Goldens.Folder("pt", Set);
        var folder = CheckpointFolder.FromDirectory(path);
        string expect = HostileFiles.Case(path, file).GetProperty("expect").GetString()!;
        _ = HostileFiles.Try(() => ReadAll(folder, file)); // compiles the code, which would count as an allocation
        LiveTensors.Unchanged(() =>
        {
            CheckpointException? refusal = HostileFiles.Run(folder.GetLength(file), () => ReadAll(folder, file));
            if (expect != "either")
                Assert.True(refusal is null == (expect == "accept"), refusal?.Message ?? "It was read.");
            if (refusal is not null)
                Assert.StartsWith(folder.Describe(file), refusal.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("BOOL", ScalarType.Bool, new byte[] { 0, 1, 2 })]
    [InlineData("U8", ScalarType.Byte, new byte[] { 1, 2, 255 })]
    [InlineData("I8", ScalarType.Int8, new byte[] { 1, 2, 255 })]
    [InlineData("I16", ScalarType.Int16, new byte[] { 1, 0, 0, 128, 255, 255 })]
    [InlineData("I32", ScalarType.Int32, new byte[] { 1, 0, 0, 0, 0, 0, 0, 128, 5, 0, 0, 0 })]
    [InlineData("F16", ScalarType.Float16, new byte[] { 0, 60, 0, 188, 1, 0 })]
    [InlineData("BF16", ScalarType.BFloat16, new byte[] { 128, 63, 128, 191, 1, 0 })]
    [InlineData("F32", ScalarType.Float32, new byte[] { 0, 0, 128, 63, 0, 0, 128, 191, 1, 0, 0, 0 })]
    public void EveryTypeIsReadAtEveryAlignment(string name, ScalarType type, byte[] data)
    {
        for (int padding = 0; padding < 8; padding++)
        {
            using var temporary = new TemporaryFolder();
            string header = $"{{\"x\":{{\"dtype\":\"{name}\",\"shape\":[3,1],\"data_offsets\":[0,{data.Length}]}}}}" + new string(' ', padding);
            temporary.Write("a.safetensors", Image(header, data));
            using var scope = NewDisposeScope();
            using var file = SafetensorsFile.Open(temporary.Folder, "a.safetensors");
            Tensor x = file.Get("x");
            Assert.Equal(type, x.dtype);
            Assert.Equal([3L, 1L], x.shape);
            Assert.Equal(type == ScalarType.Bool ? [0, 1, 1] : data, x.bytes.ToArray());
        }
    }

    [Fact]
    public void TensorsOutliveTheirFileAndAreNeverInferenceTensors()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write(
            "a.safetensors",
            Image("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"e":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}} """, new byte[8]));
        using var scope = NewDisposeScope();
        Tensor x, empty;
        using (inference_mode(true))
        using (var file = SafetensorsFile.Open(temporary.Folder, "a.safetensors"))
            (x, empty) = (file.Get("x"), file.Get("e"));
        x.add_(1f); // an inference tensor refuses this outside of the mode
        empty.add_(1f);
        Assert.Equal([1f, 1f], x.data<float>().ToArray());
        Assert.Equal(new byte[8], File.ReadAllBytes(temporary.Path("a.safetensors"))[^8..]);
    }

    [Fact]
    public void AFloodOfTensorsIsRefusedCheaply()
    {
        var text = new StringBuilder("{");
        for (int i = 0; i < 50_000; i++)
            text.Append(i == 0 ? "" : ",").Append('"').Append(i.ToString("x")).Append("\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,0]}");
        byte[] image = Image(text.Replace("\"shape\":[]", "\"shape\":[0]").Append('}').ToString(), []);
        using var temporary = new TemporaryFolder();
        temporary.Write("a.safetensors", image);
        _ = HostileFiles.Try(() => ReadAll(temporary.Folder, "a.safetensors"));
        Assert.NotNull(HostileFiles.Run(image.Length, () => ReadAll(temporary.Folder, "a.safetensors")));
    }

    [Theory]
    [InlineData("name", 4096, true)]
    [InlineData("name", 4097, false)]
    [InlineData("name", 5_000_000, false)]
    [InlineData("metadata", 500_000, true)]
    [InlineData("metadata", 5_000_000, false)]
    [InlineData("dtype", 5_000_000, false)]
    [InlineData("field", 5_000_000, false)]
    public void LongTextsStayWithinTheAllocationLimit(string where, int length, bool accepted)
    {
        string text = new('x', length);
        string tensor =
            $"{{\"dtype\":\"{(where == "dtype" ? text : "U8")}\",\"shape\":[0],\"data_offsets\":[0,0]{(where == "field" ? $",\"{text}\":0" : "")}}}";
        byte[] image = Image($"{{\"__metadata__\":{{\"a\":\"{(where == "metadata" ? text : "")}\"}},\"{(where == "name" ? text : "a")}\":{tensor}}}", []);
        using var temporary = new TemporaryFolder();
        temporary.Write("a.safetensors", image);
        Action open = () => SafetensorsFile.Open(temporary.Folder, "a.safetensors").Dispose();
        _ = HostileFiles.Try(open);
        Assert.Equal(accepted, HostileFiles.Run(image.Length, open) is null);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(4000)]
    public void ManyEmptyTensorsStayWithinTheAllocationLimit(int count)
    {
        string text = "{" + string.Join(",", Enumerable.Range(0, count).Select(i => $"\"{i:x}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")) +
            "}";
        byte[] image = Image(text, []);
        using var temporary = new TemporaryFolder();
        temporary.Write("a.safetensors", image);
        Action open = () => SafetensorsFile.Open(temporary.Folder, "a.safetensors").Dispose();
        open();
        Assert.Null(HostileFiles.Run(image.Length, open));
    }

    internal static byte[] Image(string header, byte[] data) =>
        [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. data];

    private static void ReadAll(CheckpointFolder folder, string name)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(folder, name);
        foreach (string tensor in file.Tensors.Keys)
            _ = file.Get(tensor);
    }
}
