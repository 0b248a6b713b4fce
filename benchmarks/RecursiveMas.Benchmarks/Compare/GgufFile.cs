using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RecursiveMas.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>Writes a Llama checkpoint as a GGUF file without a vocabulary, for llama.cpp to compute from the same weights.</summary>
internal sealed class GgufFile : IDisposable
{
    private const int Alignment = 32, BlockOfQ8 = 32;
    private readonly BinaryWriter _file;

    private GgufFile(string path) => _file = new BinaryWriter(File.Create(path), Encoding.UTF8);

    private enum TensorType
    {
        F32 = 0,
        Q8_0 = 8,
        BF16 = 30,
    }

    /// <summary>Converts a checkpoint.</summary>
    /// <param name="folder">A folder with config.json and model.safetensors of a Llama in bfloat16.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="quantized">Whether matrices become Q8_0 rather than stay bfloat16.</param>
    public static void Convert(string folder, string path, bool quantized)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        JsonElement config = document.RootElement;
        using var weights = Weights.SafetensorsFile.Open(CheckpointFolder.FromDirectory(folder), "model.safetensors");
        using var gguf = new GgufFile(path + ".part");
        gguf.Write(config, weights, quantized);
        gguf.Dispose();
        File.Move(path + ".part", path, overwrite: true);
    }

    public void Dispose() => _file.Dispose();

    private void Write(JsonElement config, Weights.SafetensorsFile weights, bool quantized)
    {
        int Number(string name) => config.GetProperty(name).GetInt32();
        int heads = Number("num_attention_heads"), keyHeads = Number("num_key_value_heads"), width = Number("hidden_size");
        (string Name, object Value)[] fields =
        [
            ("general.architecture", "llama"),
            ("general.name", "benchmark"),
            ("llama.block_count", (uint)Number("num_hidden_layers")),
            ("llama.context_length", (uint)Number("max_position_embeddings")),
            ("llama.embedding_length", (uint)width),
            ("llama.feed_forward_length", (uint)Number("intermediate_size")),
            ("llama.attention.head_count", (uint)heads),
            ("llama.attention.head_count_kv", (uint)keyHeads),
            ("llama.attention.layer_norm_rms_epsilon", config.GetProperty("rms_norm_eps").GetSingle()),
            ("llama.rope.freq_base", config.TryGetProperty("rope_theta", out JsonElement theta) ? theta.GetSingle() : 10_000f),
            ("llama.rope.dimension_count", (uint)(width / heads)),
            ("llama.vocab_size", (uint)Number("vocab_size")),
            ("tokenizer.ggml.model", "no_vocab"),
        ];
        (string Theirs, string Ours)[] names =
            [.. weights.Tensors.Keys.Select(name => (NameOf(name), name)).OrderBy(pair => pair.Item1, StringComparer.Ordinal)];
        _file.Write("GGUF"u8);
        _file.Write(3u);
        _file.Write((ulong)names.Length);
        _file.Write((ulong)fields.Length);
        foreach ((string name, object value) in fields)
            Field(name, value);
        ulong offset = 0;
        foreach ((string theirs, string ours) in names)
        {
            IReadOnlyList<long> shape = weights.Tensors[ours].Shape;
            TensorType type = TypeOf(shape, quantized);
            Text(theirs);
            _file.Write((uint)shape.Count);
            foreach (long extent in shape.Reverse())
                _file.Write((ulong)extent);
            _file.Write((uint)type);
            _file.Write(offset);
            offset += Padded(BytesOf(shape, type));
        }

        Pad();
        foreach ((_, string ours) in names)
        {
            using var scope = NewDisposeScope();
            Tensor weight = weights.Get(ours);
            if (ours.Contains("q_proj", StringComparison.Ordinal) || ours.Contains("k_proj", StringComparison.Ordinal))
                weight = Interleaved(weight, ours.Contains("q_proj", StringComparison.Ordinal) ? heads : keyHeads);
            Data(weight, TypeOf(weight.shape, quantized));
            Pad();
        }
    }

    private static TensorType TypeOf(IReadOnlyList<long> shape, bool quantized) =>
        shape.Count == 1 ? TensorType.F32 : quantized ? TensorType.Q8_0 : TensorType.BF16;

    private static ulong BytesOf(IReadOnlyList<long> shape, TensorType type)
    {
        ulong elements = shape.Aggregate(1UL, (product, extent) => product * (ulong)extent);
        return type switch
        {
            TensorType.F32 => elements * 4,
            TensorType.BF16 => elements * 2,
            _ => elements / BlockOfQ8 * (BlockOfQ8 + 2),
        };
    }

    private static ulong Padded(ulong bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>llama.cpp rotates neighbouring channels where the checkpoint rotates a channel with the one half a head away.</summary>
    private static Tensor Interleaved(Tensor weight, int heads)
    {
        long rows = weight.size(0), columns = weight.size(1);
        return weight.reshape(heads, 2, rows / heads / 2, columns).transpose(1, 2).reshape(rows, columns);
    }

    private void Data(Tensor weight, TensorType type)
    {
        if (type != TensorType.Q8_0)
        {
            _file.Write(weight.to_type(type == TensorType.F32 ? ScalarType.Float32 : ScalarType.BFloat16).contiguous().bytes);
            return;
        }

        Tensor blocks = weight.to_type(ScalarType.Float32).reshape(-1, BlockOfQ8);
        Tensor scales = blocks.abs().amax([1], keepdim: true) / 127;
        float[] factors = scales.flatten().data<float>().ToArray();
        sbyte[] values = (blocks / scales.clamp_min(1e-30)).round().to_type(ScalarType.Int8).flatten().data<sbyte>().ToArray();
        byte[] block = new byte[BlockOfQ8 + 2];
        for (int i = 0; i < factors.Length; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block, (Half)factors[i]);
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan(i * BlockOfQ8, BlockOfQ8)).CopyTo(block.AsSpan(2));
            _file.Write(block);
        }
    }

    private void Field(string name, object value)
    {
        const uint UInt32 = 4, Float32 = 6, String = 8;
        Text(name);
        switch (value)
        {
            case uint number:
                _file.Write(UInt32);
                _file.Write(number);
                break;
            case float number:
                _file.Write(Float32);
                _file.Write(number);
                break;
            default:
                _file.Write(String);
                Text((string)value);
                break;
        }
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _file.Write((ulong)bytes.Length);
        _file.Write(bytes);
    }

    private void Pad()
    {
        while (_file.BaseStream.Position % Alignment != 0)
            _file.Write((byte)0);
    }

    private static string NameOf(string name)
    {
        string[] parts = name.Split('.');
        return name switch
        {
            "model.embed_tokens.weight" => "token_embd.weight",
            "model.norm.weight" => "output_norm.weight",
            "lm_head.weight" => "output.weight",
            _ => string.Create(CultureInfo.InvariantCulture, $"blk.{parts[2]}.{InLayer(parts[^2])}.weight"),
        };
    }

    private static string InLayer(string name) => name switch
    {
        "input_layernorm" => "attn_norm",
        "post_attention_layernorm" => "ffn_norm",
        "q_proj" => "attn_q",
        "k_proj" => "attn_k",
        "v_proj" => "attn_v",
        "o_proj" => "attn_output",
        "gate_proj" => "ffn_gate",
        "up_proj" => "ffn_up",
        "down_proj" => "ffn_down",
        _ => throw new ArgumentException($"A Llama has no weight '{name}'.", nameof(name)),
    };
}
