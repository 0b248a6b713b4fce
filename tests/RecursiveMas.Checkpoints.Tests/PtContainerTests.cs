using System.Text;
using RecursiveMas.Checkpoints.Pt;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Checkpoints.Tests;

public class PtContainerTests
{
    private static readonly (string Name, byte[] Bytes)[] s_records =
    [
        ("data.pkl", [1, 2, 3]),
        ("byteorder", [.. "little"u8]),
        ("data/0", [.. Enumerable.Range(0, 100).Select(i => (byte)i)]),
        ("empty", []),
    ];

    /// <summary>Liberties that zip files allow.</summary>
    public sealed record Form(int Descriptor = 0, bool WideEnd = false, bool WideEntries = false, bool SizesBesideDescriptor = false)
    {
        public override string ToString() => $"descriptor {Descriptor}, zip64 end {WideEnd}, zip64 entries {WideEntries}, sizes twice {SizesBesideDescriptor}";
    }

    public static TheoryData<int, bool, bool, bool> Forms()
    {
        var forms = new TheoryData<int, bool, bool, bool>();
        foreach (int descriptor in new[] { 0, 12, 16, 20, 24 })
        {
            for (int flags = 0; flags < 8; flags++)
                forms.Add(descriptor, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void EveryLegalFormIsRead(int descriptor, bool wideEnd, bool wideEntries, bool sizesBesideDescriptor)
    {
        byte[] image = Build(new Form(descriptor, wideEnd, wideEntries, sizesBesideDescriptor));
        var container = PtContainer.Open(new MemoryStream(image), "test.pt");
        foreach ((string name, byte[] bytes) in s_records)
            Assert.Equal(bytes, container.ReadAll(name, 1000));
        Assert.False(container.TryGet("data/1", out _));
        Assert.Throws<CheckpointException>(() => container.ReadAll("data/1", 1000));
        Assert.Throws<CheckpointException>(() => container.ReadAll("data/0", 99));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void EveryChangedByteIsNoticedOrHarmless(int descriptor, bool wideEnd, bool wideEntries, bool sizesBesideDescriptor)
    {
        byte[] image = Build(new Form(descriptor, wideEnd, wideEntries, sizesBesideDescriptor));
        for (int at = 0; at < image.Length; at++)
        {
            image[at] ^= 0x11;
            _ = HostileFiles.Try(() =>
            {
                var container = PtContainer.Open(new MemoryStream(image), "test.pt");
                foreach ((string name, byte[] bytes) in s_records)
                    Assert.Equal(bytes, container.TryGet(name, out _) ? container.ReadAll(name, 1000) : bytes);
            });
            image[at] ^= 0x11;
        }
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        byte[] image = Build(new Form(16, true));
        for (int length = 0; length < image.Length; length++)
            Assert.Throws<CheckpointException>(() => PtContainer.Open(new MemoryStream(image[..length]), "test.pt"));
    }

    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void CheckSumIsThatOfTheStandard(string text, uint sum)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(sum, Crc32.Compute(bytes));
        for (int cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(sum, Crc32.Compute(bytes.AsSpan(cut), Crc32.Compute(bytes.AsSpan(0, cut))));
    }

    private static byte[] Build(Form form)
    {
        using var image = new MemoryStream();
        using var writer = new BinaryWriter(image);
        using var directory = new MemoryStream();
        using var entries = new BinaryWriter(directory);
        ushort flags = (ushort)(0x0800 | (form.Descriptor > 0 ? 8 : 0));
        foreach ((string record, byte[] bytes) in s_records)
        {
            byte[] name = Encoding.UTF8.GetBytes("root/" + record);
            uint crc = Crc32.Compute(bytes), size = (uint)bytes.Length, offset = (uint)image.Position;
            bool sizes = form.Descriptor == 0 || form.SizesBesideDescriptor;
            writer.Write(0x04034b50u);
            writer.Write((ushort)20);
            writer.Write(flags);
            writer.Write(new byte[6]);
            foreach (uint field in new[] { crc, size, size })
                writer.Write(sizes ? field : 0);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)6);
            writer.Write(name);
            writer.Write([0xfe, 0xca, 2, 0, 7, 7]);
            writer.Write(bytes);
            if (form.Descriptor is 16 or 24)
                writer.Write(0x08074b50u);
            if (form.Descriptor > 0)
                writer.Write(crc);
            for (int i = 0; i < 2 && form.Descriptor > 0; i++)
            {
                writer.Write(size);
                if (form.Descriptor >= 20)
                    writer.Write(0u);
            }

            entries.Write(0x02014b50u);
            entries.Write(45);
            entries.Write(flags);
            entries.Write(new byte[6]);
            entries.Write(crc);
            entries.Write(form.WideEntries ? uint.MaxValue : size);
            entries.Write(form.WideEntries ? uint.MaxValue : size);
            entries.Write((ushort)name.Length);
            entries.Write((ushort)(form.WideEntries ? 34 : 0));
            entries.Write(new byte[10]);
            entries.Write(form.WideEntries ? uint.MaxValue : offset);
            entries.Write(name);
            if (form.WideEntries)
            {
                entries.Write([0xfe, 0xca, 2, 0, 7, 7, 1, 0, 24, 0]);
                foreach (long field in new long[] { size, size, offset })
                    entries.Write(field);
            }
        }

        long start = image.Position, length = directory.Length;
        writer.Write(directory.ToArray());
        if (form.WideEnd)
        {
            long end = image.Position;
            writer.Write(0x06064b50u);
            writer.Write(44L);
            writer.Write([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            foreach (long field in new[] { s_records.Length, s_records.Length, length, start })
                writer.Write(field);
            writer.Write(0x07064b50u);
            writer.Write(0);
            writer.Write(end);
            writer.Write(1);
        }

        writer.Write(0x06054b50u);
        writer.Write(0);
        writer.Write((ushort)(form.WideEnd ? ushort.MaxValue : s_records.Length));
        writer.Write((ushort)(form.WideEnd ? ushort.MaxValue : s_records.Length));
        writer.Write(form.WideEnd ? uint.MaxValue : (uint)length);
        writer.Write(form.WideEnd ? uint.MaxValue : (uint)start);
        writer.Write((ushort)0);
        return image.ToArray();
    }
}
