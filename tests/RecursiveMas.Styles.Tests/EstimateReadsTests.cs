using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>An estimate reads configurations and headers, however large the weights are and whoever else has files of that size.</summary>
[Collection(LiveTensors.Collection)]
public sealed class EstimateReadsTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const long Rows = 4_000_000;

    [Fact]
    public void Of_two_repositories_of_equal_size_no_weight_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Bytes that a process has read are told by /proc.");
        string folder = fixture.CopyFolder();
        string planner = Directory.GetDirectories(folder, "*Planner*")[0], critic = Directory.GetDirectories(folder, "*Critic*")[0];
        long size = Enlarge(planner);
        foreach (string file in new[] { "config.json", "model.safetensors" })
            File.Delete(Path.Combine(critic, file));
        Assert.True(size > 500_000_000);
        File.Copy(Path.Combine(planner, "config.json"), Path.Combine(critic, "config.json"));
        Assert.Equal(size, CopyHoles(Path.Combine(planner, "model.safetensors"), Path.Combine(critic, "model.safetensors")));

        // Copies of all weights, so that what a second model adds is all of it.
        var options = new MasOptions { Weights = WeightFormat.Packed };
        long before = BytesRead();
        MasMemoryEstimate two = MasSystem.EstimateMemory(folder, options);
        Assert.InRange(BytesRead() - before, 1, 20_000_000);

        // A link to the same file is known to be the same model, still without reading it.
        File.Delete(Path.Combine(critic, "model.safetensors"));
        File.CreateSymbolicLink(Path.Combine(critic, "model.safetensors"), Path.Combine(planner, "model.safetensors"));
        before = BytesRead();
        MasMemoryEstimate one = MasSystem.EstimateMemory(folder, options);
        Assert.InRange(BytesRead() - before, 1, 20_000_000);
        MemoryEstimate model = one.Agents["planner"];
        Assert.Equal(model.PrivateWeights + model.MappedWeights, two.Peak - one.Peak);
    }

    /// <summary>Gives a checkpoint a huge vocabulary, whose weights are holes in the file. Returns the file's size.</summary>
    private static long Enlarge(string repository)
    {
        string configFile = Path.Combine(repository, "config.json"), weights = Path.Combine(repository, "model.safetensors");
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(configFile))!.AsObject();
        config["vocab_size"] = Rows;
        File.WriteAllText(configFile, config.ToJsonString());
        byte[] old = File.ReadAllBytes(weights);
        JsonObject header = JsonNode.Parse(old.AsSpan(8, (int)BinaryPrimitives.ReadInt64LittleEndian(old)))!.AsObject();
        long at = 0;
        foreach ((string name, JsonNode? entry) in header.Where(entry => entry.Key != "__metadata__"))
        {
            JsonArray ends = entry!["data_offsets"]!.AsArray();
            long length = ends[1]!.GetValue<long>() - ends[0]!.GetValue<long>();
            if (name.EndsWith("embed_tokens.weight", StringComparison.Ordinal) || name.EndsWith("lm_head.weight", StringComparison.Ordinal))
            {
                JsonArray shape = entry["shape"]!.AsArray();
                length = length / shape[0]!.GetValue<long>() * Rows;
                shape[0] = Rows;
            }

            entry["data_offsets"] = new JsonArray(at, at + length);
            at += length;
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header);
        int padded = (text.Length + 7) / 8 * 8;
        using FileStream file = File.Create(weights);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, padded);
        file.Write(prefix);
        file.Write(text);
        file.Write(Enumerable.Repeat((byte)' ', padded - text.Length).ToArray());
        file.SetLength(8 + padded + at);
        return file.Length;
    }

    private static long CopyHoles(string from, string to)
    {
        using FileStream source = File.OpenRead(from), target = File.Create(to);
        byte[] start = new byte[1 << 20];
        target.Write(start, 0, source.ReadAtLeast(start, start.Length));
        target.SetLength(source.Length);
        return target.Length;
    }

    private static long BytesRead() =>
        long.Parse(
            File.ReadLines("/proc/self/io").First(line => line.StartsWith("rchar:", StringComparison.Ordinal))["rchar:".Length..],
            CultureInfo.InvariantCulture);
}
