using System.Text;
using RecursiveMas.Checkpoints.Pt;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Checkpoints.Tests;

/// <summary>Pickles that are legal word by word and hostile as a whole.</summary>
public class PickleLimitTests
{
    private static readonly byte[] s_orderedDict = [.. "ccollections\nOrderedDict\n"u8];

    public static TheoryData<string> Floods() => [.. FloodTable.Keys];

    private static Dictionary<string, Func<int, byte[]>> FloodTable { get; } = new()
    {
        // Each gives the n-th piece of an endless dictionary.
        ["integer keys"] = n => [PickleOpcodes.BinInt, .. BitConverter.GetBytes(n), PickleOpcodes.None, PickleOpcodes.SetItem],
        ["colliding keys"] = n => [PickleOpcodes.Long1, 8, .. BitConverter.GetBytes(((long)n << 32) | (uint)n), PickleOpcodes.None, PickleOpcodes.SetItem],
        ["tuple keys"] = _ => [PickleOpcodes.None, PickleOpcodes.Tuple1, PickleOpcodes.None, PickleOpcodes.SetItem],
        ["dictionaries"] = n => [PickleOpcodes.BinInt, .. BitConverter.GetBytes(n), PickleOpcodes.EmptyDict, PickleOpcodes.SetItem],
        ["ordered dictionaries"] = n => [
            PickleOpcodes.BinInt, .. BitConverter.GetBytes(n), PickleOpcodes.BinGet, 0, PickleOpcodes.EmptyTuple, PickleOpcodes.Reduce, PickleOpcodes.SetItem,
        ],
        ["memo slots"] = n => [PickleOpcodes.LongBinPut, .. BitConverter.GetBytes(n + 1)],
        ["texts"] = n => [PickleOpcodes.BinUnicode, 200, 0, 0, 0, .. Encoding.ASCII.GetBytes($"{n:D200}"), PickleOpcodes.None, PickleOpcodes.SetItem],
        ["large integers"] = n => [PickleOpcodes.BinInt, .. BitConverter.GetBytes(n), PickleOpcodes.Long1, 255, .. new byte[254], 1, PickleOpcodes.SetItem],
        ["symbols"] = n => [PickleOpcodes.BinInt, .. BitConverter.GetBytes(n), .. s_orderedDict, PickleOpcodes.SetItem],
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public void FloodsStayWithinTheLimits(string flood)
    {
        using var pickle = new MemoryStream();
        pickle.Write([PickleOpcodes.Proto, 2, .. s_orderedDict, PickleOpcodes.BinPut, 0, PickleOpcodes.EmptyTuple, PickleOpcodes.Reduce]);
        for (int n = 0; ; n++)
        {
            byte[] piece = FloodTable[flood](n);
            if (pickle.Length + piece.Length + 1 > PtRules.Link.MaximumPickleBytes)
                break;
            pickle.Write(piece);
        }

        pickle.WriteByte(PickleOpcodes.Stop);
        foreach (PtRules rules in new[] { PtRules.Link, PtRules.General })
        {
            byte[] image = Container(pickle.ToArray());
            void Read() => PtFile.Open(new MemoryStream(image), "flood.pt", rules).Dispose();
            _ = HostileFiles.Try(Read);
            // The converter's reader may describe larger things.
            HostileFiles.Run(image.Length, Read, rules == PtRules.Link ? 1 << 20 : rules.MaximumObjectBytes);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    [InlineData(70_000, 1)]
    [InlineData(100_000, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(100_000, 509)]
    [InlineData(100_000, 512)]
    [InlineData(100_000, 4096)]
    public void TheMemoTakesOneMegabyteBesideTwiceTheFileAtMost(int slots, int step)
    {
        foreach (PtRules rules in new[] { PtRules.Link, PtRules.General })
        {
            // Padding explains the numbers of slots that lie far apart.
            using var pickle = new MemoryStream();
            pickle.Write([PickleOpcodes.Proto, 2, PickleOpcodes.None]);
            if (step > 1)
                pickle.Write([.. Enumerable.Repeat<byte[]>([PickleOpcodes.BinPut, 0], slots / 2).SelectMany(piece => piece)]);
            for (int slot = step > 1 ? slots - 1 : 0; slot >= 0 && slot < slots; slot += step > 1 ? -step : 1)
                pickle.Write([PickleOpcodes.LongBinPut, .. BitConverter.GetBytes(slot)]);
            pickle.WriteByte(PickleOpcodes.Stop);
            byte[] image = Container(pickle.ToArray());
            void Read() => PtFile.Open(new MemoryStream(image), "memo.pt", rules).Dispose();
            _ = HostileFiles.Try(Read);
            CheckpointException? refusal = HostileFiles.Run(image.Length, Read);
            // A link has no use for so many and may make less.
            if (rules == PtRules.General)
                Assert.Equal(slots > rules.MaximumMemo, refusal is not null);
        }
    }

    [Fact]
    public void TheMemoKeepsWhatIsPutThere()
    {
        const int Slots = 2000;
        long charged = 0;
        var memo = new PickleMemo(Slots, bytes => charged += bytes);
        Assert.False(memo.TryGet(0, out _));
        Assert.False(memo.TryPut(Slots, "x"));
        foreach (uint slot in new uint[] { 0, 511, 512, Slots - 1 })
        {
            Assert.False(memo.TryGet(slot, out _));
            Assert.True(memo.TryPut(slot, $"{slot}"));
            Assert.True(memo.TryGet(slot, out object? value));
            Assert.Equal($"{slot}", value);
        }

        // None is a value like another.
        Assert.True(memo.TryPut(1, null));
        Assert.True(memo.TryGet(1, out object? none));
        Assert.Null(none);
        Assert.False(memo.TryGet(2, out _));
        Assert.False(memo.TryGet(uint.MaxValue, out _));
        Assert.InRange(charged, 3 * 512 * 8, (3 * 512 * 8) + 200);
    }

    [Fact]
    public void AnHonestDictionaryOfThousandsOfTensorsIsReadByTheGeneralReader()
    {
        const int Count = 9000;
        PtTensorSource[] tensors =
        [
            .. Enumerable.Range(0, Count).Select(i => new PtTensorSource($"w.{i}", ElementType.Float32, [2, 2], take => take(new byte[16]))),
        ];
        byte[] pickle = StateDictionaryPickle.Write(tensors, [""], "cpu");
        Assert.InRange(pickle.Length, 1, PtRules.General.MaximumPickleBytes);
        // As large as a file with these tensors would be.
        object? root = PickleInterpreter.Read(
            pickle,
            PtRules.General,
            "many.pt",
            PtWriter.Measure("archive", pickle, [.. tensors.Select((_, i) => PtRecordSource.Of($"data/{i}", new byte[16]))]));
        Assert.Equal(Count, Assert.IsType<PickleDict>(root).Items.Count);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(600_000)]
    public void LongKeysStayWithinTheLimits(int length)
    {
        byte[] image = Container([
            PickleOpcodes.Proto,
            2,
            PickleOpcodes.EmptyDict,
            PickleOpcodes.BinUnicode,
            .. BitConverter.GetBytes(length),
            .. new byte[length],
            PickleOpcodes.None,
            PickleOpcodes.SetItem,
            PickleOpcodes.Stop,
        ]);
        void Read() => PtFile.Open(new MemoryStream(image), "long.pt", PtRules.Link).GetStateDictionary();
        _ = HostileFiles.Try(Read);
        Assert.NotNull(HostileFiles.Run(image.Length, Read));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void SixteenLevelsMayBeNested(int levels, bool read)
    {
        byte[] pickle = [PickleOpcodes.Proto, 2, PickleOpcodes.None, .. Enumerable.Repeat(PickleOpcodes.Tuple1, levels), PickleOpcodes.Stop];
        Assert.Equal(read, HostileFiles.Try(() => PickleInterpreter.Read(pickle, PtRules.Link, "deep.pt", pickle.Length)) is null);
    }

    [Fact]
    public void EveryMessageSaysWhereAndWhat()
    {
        byte[] pickle = [PickleOpcodes.Proto, 2, .. "cos\nsystem\n"u8, PickleOpcodes.Stop];
        string message = Assert.Throws<CheckpointException>(() => PickleInterpreter.Read(pickle, PtRules.Link, "folder/evil.pt", 100)).Message;
        foreach (string part in new[] { "folder/evil.pt", "os system", "byte 2" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private static byte[] Container(byte[] pickle)
    {
        using var image = new MemoryStream();
        PtWriter.Write(image, "archive", pickle, []);
        return image.ToArray();
    }
}
