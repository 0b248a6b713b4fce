using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RecursiveMas.Checkpoints;
using RecursiveMas.Checkpoints.Pt;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

/// <summary>
/// Damaged files of every kind: whatever is done to them, a reader either reads or raises its typed exception, within its limits.
/// RECURSIVEMAS_FUZZ_CASES sets the number of cases of each test, 5,000 unless told otherwise.
/// </summary>
[Collection(LiveTensors.Collection)]
public partial class FuzzTests
{
    private static readonly int s_cases =
        int.TryParse(Environment.GetEnvironmentVariable("RECURSIVEMAS_FUZZ_CASES"), CultureInfo.InvariantCulture, out int cases) ? cases : 5000;

    private static readonly string[] s_numbers =
        [
            "0", "1", "-1", "3", "7", "8", "255", "65536", "2147483648", "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808",
            "1e3", "0.5", "\"0\"", "null", "[]", "{}",
        ];

    private static readonly string[] s_words =
    [
        "collections\nOrderedDict\n", "torch._utils\n_rebuild_tensor_v2\n", "torch._utils\n_rebuild_parameter\n", "torch\nFloatStorage\n",
        "torch\nDoubleStorage\n", "os\nsystem\n", "storage", "cpu", "0", "1", "_metadata", "version",
    ];

    [Fact]
    public void DamagedContainers() => Fuzz(seed: 1, PtFiles(), (random, original) => Damage(random, original), ReadPt);

    [Fact]
    public void DamagedPicklesInSoundContainers() => Fuzz(seed: 2, PtFiles(), DamagePickle, ReadPt);

    [Fact]
    public void DamagedSafetensorsHeaders() => Fuzz(seed: 3, SafetensorsFiles(), DamageHeader, ReadSafetensors);

    [Fact]
    public void DamagedSafetensorsNumbers() => Fuzz(seed: 4, SafetensorsFiles(), DamageNumber, ReadSafetensors);

    private static void Fuzz(int seed, byte[][] originals, Func<Random, byte[], byte[]> damage, Action<byte[]> read)
    {
        Goldens.NotEmpty(originals, "pt");
        var random = new Random(seed);
        int refused = 0;
        foreach (byte[] original in originals)
            _ = HostileFiles.Try(() => read(original));
        long before = Tensor.TotalCount;
        for (int i = 0; i < s_cases; i++)
        {
            byte[] image = damage(random, originals[random.Next(originals.Length)]);
            try
            {
                refused += HostileFiles.Run(image.Length, () => read(image)) is null ? 0 : 1;
            }
            catch (Exception exception)
            {
                Assert.Fail($"Case {i} of seed {seed}: {exception}\n{Convert.ToBase64String(image)}");
            }
        }

        Assert.True(Tensor.TotalCount <= before, $"{Tensor.TotalCount - before} tensors are left over.");
        Assert.InRange(refused, s_cases / 4, s_cases);
    }

    private static void ReadPt(byte[] image)
    {
        using var scope = NewDisposeScope();
        CheckpointException? refusal = HostileFiles.Try(() =>
        {
            using var link = PtFile.Open(new MemoryStream(image), "fuzz.pt", PtRules.Link);
            _ = LinkFile.Read(link);
        });
        using (var general = PtFile.Open(new MemoryStream(image), "fuzz.pt", PtRules.General))
            PtExpectation.LoadAll(general);
        if (refusal is not null)
            throw refusal;
    }

    private static void ReadSafetensors(byte[] image)
    {
        var header = SafetensorsHeader.Read(new MemoryStream(image), image.Length, "fuzz.safetensors");
        Assert.All(header.Tensors.Values, tensor => Assert.InRange(tensor.Begin + tensor.ByteCount, 8, image.Length));
    }

    private static byte[] Damage(Random random, byte[] original)
    {
        var bytes = new List<byte>(original);
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 64), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length)); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                case 5:
                    byte fill = (byte)(random.Next(2) * 255);
                    for (int i = at; i < at + Math.Min(length, 8); i++)
                        bytes[i] = fill;
                    break;
                default:
                    byte[] extreme = BitConverter.GetBytes(random.Next(2) == 0 ? 0x7fffffff_ffffffff >> random.Next(63) : random.NextInt64());
                    for (int i = 0; i < random.Next(1, 9) && at + i < bytes.Count; i++)
                        bytes[at + i] = extreme[i];
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] DamagePickle(Random random, byte[] original)
    {
        var container = PtContainer.Open(new MemoryStream(original), "original.pt");
        var pickle = new List<byte>(container.ReadAll("data.pkl", int.MaxValue));
        byte[] opcodes = [.. PtRules.General.Opcodes];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(pickle.Count);
            switch (random.Next(6))
            {
                case 0: pickle[at] = opcodes[random.Next(opcodes.Length)]; break;
                case 1: pickle.Insert(at, opcodes[random.Next(opcodes.Length)]); break;
                case 2:
                    byte[] word = Encoding.ASCII.GetBytes(s_words[random.Next(s_words.Length)]);
                    bool global = word[^1] == '\n';
                    pickle.InsertRange(at, global ? [PickleOpcodes.Global, .. word] : [PickleOpcodes.BinUnicode, (byte)word.Length, 0, 0, 0, .. word]);
                    break;
                case 3:
                    int length = Math.Min(random.Next(1, 200), pickle.Count - at);
                    List<byte> part = pickle.GetRange(at, length);
                    int target = random.Next(pickle.Count);
                    for (int copies = random.Next(1, 30); copies > 0; copies--)
                        pickle.InsertRange(target, part);
                    break;
                case 4:
                    // A number of any width in place of a small one.
                    pickle.RemoveAt(at);
                    pickle.InsertRange(at, random.Next(3) switch
                    {
                        0 => [PickleOpcodes.BinInt, .. BitConverter.GetBytes(random.Next(int.MinValue, int.MaxValue))],
                        1 => [PickleOpcodes.Long1, 8, .. BitConverter.GetBytes(random.NextInt64(long.MinValue, long.MaxValue))],
                        _ => [PickleOpcodes.LongBinPut, .. BitConverter.GetBytes(random.Next())],
                    });
                    break;
                default: pickle = [.. Damage(random, [.. pickle])]; break;
            }

            if (pickle.Count == 0)
                pickle.Add(PickleOpcodes.Stop);
        }

        var storages = new List<PtRecordSource>();
        for (int i = 0; container.TryGet($"data/{i}", out PtRecord record); i++)
            storages.Add(PtRecordSource.Of(record.Name, container.ReadAll(record.Name, int.MaxValue)));
        using var image = new MemoryStream();
        PtWriter.Write(image, "archive", [.. pickle], storages);
        return image.ToArray();
    }

    // The length field is put right again, so that the damage is met and not the field.
    private static byte[] DamageHeader(Random random, byte[] original)
    {
        int length = (int)BitConverter.ToInt64(original);
        byte[] header = Damage(random, original[8..(8 + length)]);
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. original[(8 + length)..]];
    }

    private static byte[] DamageNumber(Random random, byte[] original)
    {
        int length = (int)BitConverter.ToInt64(original);
        string header = Encoding.UTF8.GetString(original, 8, length);
        MatchCollection numbers = Numbers().Matches(header);
        if (numbers.Count > 0)
        {
            Match number = numbers[random.Next(numbers.Count)];
            header = header[..number.Index] + s_numbers[random.Next(s_numbers.Length)] + header[(number.Index + number.Length)..];
        }

        byte[] bytes = Encoding.UTF8.GetBytes(header);
        byte[] data = original[(8 + length)..];
        return [.. BitConverter.GetBytes((long)bytes.Length), .. bytes, .. data[..random.Next(data.Length + 1)]];
    }

    private static byte[][] PtFiles() => Originals(
        name => name.EndsWith(".pt", StringComparison.Ordinal),
        image => HostileFiles.Try(() => _ = PtContainer.Open(new MemoryStream(image), "original.pt")) is null);

    private static byte[][] SafetensorsFiles() => Originals(
        name => name.EndsWith(".safetensors", StringComparison.Ordinal),
        image => HostileFiles.Try(() => _ = SafetensorsHeader.Read(new MemoryStream(image), image.Length, "original")) is null);

    private static byte[][] Originals(Func<string, bool> wanted, Func<byte[], bool> sound)
    {
        string? folder = Goldens.TryFolder("pt");
        return folder is null ? [] : [.. Directory.EnumerateFiles(folder)
            .Where(wanted)
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes)
            .Where(image => image.Length < 50_000 && sound(image))];
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
