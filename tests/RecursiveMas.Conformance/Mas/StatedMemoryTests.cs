using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RecursiveMas.Catalogue;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>
/// What README says that the released systems take is what <see cref="MasSystem.EstimateMemory"/> says of models of their shapes. Only headers are
/// read, so the weights are files with nothing in them.
/// </summary>
public sealed partial class StatedMemoryTests : IDisposable
{
    private const double GiB = 1L << 30, GB = 1e9, Tolerance = 0.05;

    private const string LlamaRope =
        """ "rope_theta": 500000, "rope_scaling": { "rope_type": "llama3", "factor": 32, "low_freq_factor": 1, "high_freq_factor": 4, """ +
        """ "original_max_position_embeddings": 8192 } """;

    /// <summary>By the end of a repository's name: the configuration, and the parameters that are published.</summary>
    private static readonly Dictionary<string, (long Parameters, string Config)> s_models = new(StringComparer.Ordinal)
    {
        ["-Qwen3-1.7B"] = (1_720_574_976, Softmax("qwen3", 2048, 28, 16, 8, 128, 6144, 151936, 40960, """ "rope_theta": 1000000 """)),
        ["-Llama3.2-1B"] = (1_235_814_400, Softmax("llama", 2048, 16, 32, 8, 64, 8192, 128256, 131072, LlamaRope)),
        ["-Llama3.2-3B"] = (3_212_749_824, Softmax("llama", 3072, 28, 24, 8, 128, 8192, 128256, 131072, LlamaRope)),
        ["-Qwen2.5-Math-1.5B"] = (1_543_714_304, Softmax("qwen2", 1536, 28, 12, 2, 128, 8960, 151936, 4096, """ "rope_theta": 10000 """)),
        ["-DeepSeek-R1-Distill-Qwen-1.5B"] = (1_777_088_000,
            Softmax("qwen2", 1536, 28, 12, 2, 128, 8960, 151936, 131072, """ "rope_theta": 10000 """, tied: false)),
        ["-Qwen2.5-Coder-3B"] = (3_085_938_688, Softmax("qwen2", 2048, 36, 16, 2, 128, 11008, 151936, 32768, """ "rope_theta": 1000000 """)),
        ["-BioMistral-7B"] = (7_241_732_096,
            Softmax("mistral", 4096, 32, 32, 8, 128, 14336, 32000, 32768, """ "rope_theta": 10000, "sliding_window": 4096 """, tied: false)),
        ["-Gemma3-4B"] = (3_880_263_168,
            """{ "model_type": "gemma3", "text_config": { "model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34, """ +
            """ "intermediate_size": 10240, "sliding_window": 1024, "rope_scaling": { "rope_type": "linear", "factor": 8.0 } } }"""),
        ["-Qwen3.5-2B"] = (1_881_825_088, Qwen35(2048, 24, 8, 2, 6144, 16, tied: true)),
        ["-Qwen3.5-4B"] = (4_205_751_296, Qwen35(2560, 32, 16, 4, 9216, 32, tied: true)),
        ["-Qwen3.5-9B"] = (8_953_803_264, Qwen35(4096, 32, 16, 4, 12288, 32, tied: false)),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("recursivemas-sizes-").FullName;

    public static TheoryData<string> Systems => [.. ReleasedSystems.All.Select(system => system.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Systems))]
    public void Readme_states_what_a_system_takes(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files with nothing in them take their whole size there.");
        StyleDefinition style = StyleCatalogue.Find(name);
        double download = Write(style);
        var options = new MasOptions { Style = name };
        double[] sizes =
        [
            download / GB,
            MasSystem.EstimateMemory(_folder, options).Peak / GiB,
            MasSystem.EstimateMemory(_folder, options with { Residency = ModelResidency.OneAtATime }).Peak / GiB,
            MasSystem.EstimateMemory(_folder, options with { Weights = WeightFormat.Int8 }).Peak / GiB,
        ];
        string expected = string.Create(
            CultureInfo.InvariantCulture,
            $"| `{name}` | {sizes[0]:0.0} GB | {sizes[1]:0.0} GiB | {sizes[2]:0.0} GiB | {sizes[3]:0.0} GiB |");
        Match row = Row()
            .Matches(File.ReadAllText(Path.Combine(Goldens.RepositoryRoot, "README.md")))
            .FirstOrDefault(match => match.Groups["name"].Value == name)
            ?? throw new InvalidDataException($"README lacks the row {expected}");
        double[] stated = [.. row.Groups["size"].Captures.Select(size => double.Parse(size.ValueSpan, CultureInfo.InvariantCulture))];
        Assert.True(
            sizes.Zip(stated).All(pair => Math.Abs(pair.First - pair.Second) <= Math.Max(0.06, Tolerance * pair.First)),
            $"README says {row.Value}, but it is {expected}");
    }

    /// <summary>Makes the repositories of a system; returns their size.</summary>
    private double Write(StyleDefinition style)
    {
        double bytes = 0;
        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string agent, string repository) in style.Repositories)
        {
            string folder = Directory.CreateDirectory(Path.Combine(_folder, repository)).FullName;
            (long parameters, string config) = s_models.First(model => repository.EndsWith(model.Key, StringComparison.Ordinal)).Value;
            File.WriteAllText(Path.Combine(folder, "config.json"), config);
            ConfigReader reader = ConfigReader.Open(CheckpointFolder.FromDirectory(folder));
            DecoderConfiguration model = ModelFamilies.Find(reader).Read(reader);
            Assert.Equal(parameters, model.Weights().ElementCount);
            WriteWeights(Path.Combine(folder, "model.safetensors"), model.Weights().All);
            long width = widths[agent] = model.HiddenSize;
            Empty(Path.Combine(folder, "adapter.pt"), 2 * ((2 * width * width) + (6 * width)));
            bytes += 2.0 * parameters;
        }

        string links = Directory.CreateDirectory(Path.Combine(_folder, style.LinkRepository)).FullName;
        var adapters = new JsonArray();
        foreach (MasEdge edge in style.Graph.Edges)
        {
            long from = widths[edge.From], to = widths[edge.To];
            Empty(Path.Combine(links, $"{edge.Key}.pt"), 2 * ((2 * to * from) + (2 * to) + (to * 2 * to) + to + (to * from) + to + (2 * from) + (2 * to)));
            adapters.Add(new JsonObject { ["legacy_key"] = edge.Key, ["filename"] = $"{edge.Key}.pt" });
        }

        JsonNode manifest = style.LinksByTask
            ? new JsonObject { ["tasks"] = new JsonObject { ["math"] = new JsonObject { ["adapters"] = adapters } } }
            : new JsonObject { ["adapters"] = adapters };
        File.WriteAllText(Path.Combine(links, "outerlink_config.json"), manifest.ToJsonString());
        return bytes +
            ((style.LinksByTask ? 2 : 1) * Directory.EnumerateFiles(_folder, "*.pt", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length));
    }

    private static void WriteWeights(string path, IReadOnlyDictionary<string, long[]> shapes)
    {
        long end = 0;
        var header = new JsonObject();
        foreach ((string name, long[] shape) in shapes)
        {
            long begin = end;
            end += 2 * shape.Aggregate((product, size) => product * size);
            header.Add(name, new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray([.. shape.Select(size => JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(begin, end),
            });
        }

        string json = header.ToJsonString();
        byte[] text = Encoding.UTF8.GetBytes(json.PadRight((json.Length + 7) / 8 * 8));
        using FileStream file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)text.Length));
        file.Write(text);
        long data = file.Position;
        file.SetLength(data + end);
        // A head that equals the embedding would be loaded once.
        if (header["lm_head.weight"] is { } head)
        {
            file.Position = data + head["data_offsets"]![0]!.GetValue<long>();
            file.Write(Enumerable.Repeat((byte)1, 1 << 20).ToArray());
        }
    }

    private static void Empty(string path, long length)
    {
        using FileStream file = File.Create(path);
        file.SetLength(length);
    }

    private static string Softmax(
        string family,
        int hidden,
        int layers,
        int heads,
        int keyHeads,
        int headSize,
        int middle,
        int vocabulary,
        int positions,
        string rope,
        bool tied = true) =>
        $$"""
        { "model_type": "{{family}}", "hidden_size": {{hidden}}, "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}},
          "num_key_value_heads": {{keyHeads}},
          "head_dim": {{headSize}}, "intermediate_size": {{middle}}, "vocab_size": {{vocabulary}}, "max_position_embeddings": {{positions}},
          "tie_word_embeddings": {{(tied ? "true" : "false")}}, "rms_norm_eps": 1e-6,
          "hidden_act": "silu", "torch_dtype": "bfloat16", {{rope}} }
        """;

    private static string Qwen35(int hidden, int layers, int heads, int keyHeads, int middle, int valueHeads, bool tied) =>
        $$"""
        { "model_type": "qwen3_5", "tie_word_embeddings": {{(tied ? "true" : "false")}}, "text_config": {
          "model_type": "qwen3_5_text", "hidden_size": {{hidden}}, "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}},
          "num_key_value_heads": {{keyHeads}},
          "head_dim": 256, "intermediate_size": {{middle}}, "vocab_size": 248320, "max_position_embeddings": 262144,
          "linear_num_value_heads": {{valueHeads}}, "linear_num_key_heads": 16,
          "linear_key_head_dim": 128, "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "full_attention_interval": 4,
          "rope_parameters": { "rope_type": "default", "rope_theta": 10000000, "partial_rotary_factor": 0.25 } } }
        """;

    [GeneratedRegex(@"^\| `(?<name>\w+)` \|(?: (?<size>\d+\.\d) (?:GB|GiB) \|){4}", RegexOptions.Multiline)]
    private static partial Regex Row();
}
