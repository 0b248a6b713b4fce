using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RecursiveMas.Benchmarks;

/// <summary>A Llama of 1.1 billion random weights in bfloat16: what it says means nothing, its work is real.</summary>
internal static class SyntheticModel
{
    private const int Width = 2048, Inner = 5632, Layers = 22, Heads = 32, KeyHeads = 4, Vocabulary = 49_152;

    /// <summary>Writes the model where it is not there yet; returns its folder.</summary>
    public static string Make(string folder)
    {
        string file = Path.Combine(Directory.CreateDirectory(folder).FullName, "model.safetensors");
        if (File.Exists(file))
            return folder;
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            JsonSerializer.Serialize(new
            {
                model_type = "llama",
                hidden_size = Width,
                intermediate_size = Inner,
                num_hidden_layers = Layers,
                num_attention_heads = Heads,
                num_key_value_heads = KeyHeads,
                vocab_size = Vocabulary,
                max_position_embeddings = 4096,
                rms_norm_eps = 1e-5,
                rope_theta = 10_000.0,
                hidden_act = "silu",
                tie_word_embeddings = true,
                torch_dtype = "bfloat16",
            }));
        const int KeyWidth = Width / Heads * KeyHeads;
        List<(string Name, int[] Shape)> weights = [("model.embed_tokens.weight", [Vocabulary, Width]), ("model.norm.weight", [Width])];
        for (int i = 0; i < Layers; i++)
        {
            string at = $"model.layers.{i}.";
            weights.AddRange(
            [
                (at + "input_layernorm.weight", [Width]),
                (at + "post_attention_layernorm.weight", [Width]),
                (at + "self_attn.q_proj.weight", [Width, Width]),
                (at + "self_attn.k_proj.weight", [KeyWidth, Width]),
                (at + "self_attn.v_proj.weight", [KeyWidth, Width]),
                (at + "self_attn.o_proj.weight", [Width, Width]),
                (at + "mlp.gate_proj.weight", [Inner, Width]),
                (at + "mlp.up_proj.weight", [Inner, Width]),
                (at + "mlp.down_proj.weight", [Width, Inner]),
            ]);
        }

        using (FileStream stream = File.Create(file + ".part"))
            Write(stream, weights);
        File.Move(file + ".part", file);
        return folder;
    }

    private static void Write(FileStream stream, List<(string Name, int[] Shape)> weights)
    {
        long offset = 0;
        var header = new Dictionary<string, object>();
        foreach ((string name, int[] shape) in weights)
        {
            long bytes = shape.Aggregate(2L, (product, extent) => product * extent);
            header.Add(name, new { dtype = "BF16", shape, data_offsets = new[] { offset, offset + bytes } });
            offset += bytes;
        }

        byte[] text = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        byte[] padded = [.. text, .. Enumerable.Repeat((byte)' ', (8 - (text.Length % 8)) % 8)];
        stream.Write(BitConverter.GetBytes((long)padded.Length));
        stream.Write(padded);
        // A few million different numbers are enough; each weight begins elsewhere among them.
        var random = new Random(1);
        ushort[] numbers = new ushort[1 << 22], ones = [.. Enumerable.Repeat(Rounded(1), Width)];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = Rounded((float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 0.04));
        foreach ((string name, int[] shape) in weights)
        {
            if (shape.Length == 1)
            {
                stream.Write(MemoryMarshal.AsBytes(ones.AsSpan(0, shape[0])));
                continue;
            }

            long left = (long)shape[0] * shape[1];
            for (int from = random.Next(numbers.Length); left > 0; from = 0)
            {
                int some = (int)Math.Min(left, numbers.Length - from);
                stream.Write(MemoryMarshal.AsBytes(numbers.AsSpan(from, some)));
                left -= some;
            }
        }
    }

    private static ushort Rounded(float value) => (ushort)((BitConverter.SingleToUInt32Bits(value) + 0x8000) >> 16);
}
