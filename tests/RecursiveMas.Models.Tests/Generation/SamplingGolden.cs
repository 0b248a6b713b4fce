using System.Text.Json;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Generation;

/// <summary>One case of the golden data of the processors: settings, and arrays by the name that follows the case's id.</summary>
internal sealed class SamplingGolden
{
    private const string Kind = "sampling";
    private static readonly Lazy<(JsonElement Root, SafetensorsReader Arrays)?> s_files = new(() =>
        Goldens.TryFolder(Kind) is { } folder && File.Exists(Path.Combine(folder, "processors.json"))
            ? (JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "processors.json"))).RootElement,
                new SafetensorsReader(Path.Combine(folder, "processors.safetensors")))
            : null);

    private readonly JsonElement _case;

    private SamplingGolden(JsonElement golden) => _case = golden;

    public string Id => _case.GetProperty("id").GetString()!;

    public string Compare => _case.GetProperty("compare").GetString()!;

    public bool Valid => _case.GetProperty("valid").GetBoolean();

    public string[] Order => [.. _case.GetProperty("order").EnumerateArray().Select(e => e.GetString()!)];

    public int[]? Greedy => _case.TryGetProperty("greedy", out JsonElement greedy) ? Integers(greedy) : null;

    public int[] KeptCount => Integers(_case.GetProperty("kept_count"));

    public int[] EndIds => _case.GetProperty("settings").TryGetProperty("eos_token_ids", out JsonElement ids) ? Integers(ids) : [];

    public int[] Support => Integers(_case.GetProperty("support"));

    public int Draws => _case.GetProperty("draws").GetInt32();

    public int DegreesOfFreedom => _case.GetProperty("degrees_of_freedom").GetInt32();

    public double ChiSquareLimit => _case.GetProperty("chi2_critical").GetProperty("0.99999").GetDouble();

    public static IEnumerable<TheoryDataRow<string>> Ids(string list, Func<SamplingGolden, bool>? wanted = null) =>
        Goldens.Rows(s_files.Value is { } files
            ? [.. files.Root.GetProperty(list).EnumerateArray().Select(e => new SamplingGolden(e)).Where(wanted ?? (_ => true)).Select(golden => golden.Id)]
            : [], Kind);

    public static SamplingGolden Read(string list, string id) =>
        new(s_files.Value!.Value.Root.GetProperty(list).EnumerateArray().Single(e => e.GetProperty("id").GetString() == id));

    public SamplingPlan Plan()
    {
        var options = new SamplingOptions
        {
            DoSample = Setting("do_sample")?.GetBoolean(),
            Temperature = Setting("temperature")?.GetDouble(),
            TopK = Setting("top_k")?.GetInt32(),
            TopP = Setting("top_p")?.GetDouble(),
            MinP = Setting("min_p")?.GetDouble(),
            RepetitionPenalty = Setting("repetition_penalty")?.GetDouble(),
            MinNewTokens = Setting("min_new_tokens")?.GetInt32(),
            MinLength = Setting("min_length")?.GetInt32(),
        };
        return SamplingPlan.Resolve(options, model: null);
    }

    public SamplingRow[] Rows(int batch)
    {
        int prompt = _case.GetProperty("prompt_length").GetInt32(), length = (int)Shape("history")[1];
        int[] history = [.. Arrays.Int64($"{Id}.history").Select(id => (int)id)];
        return [.. Enumerable.Range(0, batch).Select(b =>
        {
            int[] ids = history[(b * length)..((b + 1) * length)];
            var row = new SamplingRow(new RowRandom(7, Id, b), ids.AsSpan(0, prompt));
            foreach (int id in ids[prompt..])
                row.Add(id);
            return row;
        })];
    }

    public bool Has(string what) => Arrays.Contains($"{Id}.{what}");

    public long[] Shape(string what) => Arrays.Shape($"{Id}.{what}");

    public float[] Values(string what) => Arrays.Float32($"{Id}.{what}");

    public double[] Doubles(string what) => Arrays.Float64($"{Id}.{what}");

    public Tensor Tensor(string what) => tensor(Values(what)).reshape(Shape(what));

    private static SafetensorsReader Arrays => s_files.Value!.Value.Arrays;

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    private JsonElement? Setting(string name)
    {
        JsonElement value = _case.GetProperty("settings").TryGetProperty(name, out JsonElement own) ? own
            : s_files.Value!.Value.Root.GetProperty("defaults").TryGetProperty(name, out JsonElement common) ? common : default;
        return value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : value;
    }
}
