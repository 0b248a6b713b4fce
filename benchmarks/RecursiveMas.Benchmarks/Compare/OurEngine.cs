using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>This library, with a format of weights: auto, bf16, packed, int8 or plain.</summary>
internal sealed class OurEngine(string folder, string format) : IEngine
{
    private readonly List<ModelCache> _caches = [];

    public ICausalLanguageModel Model { get; } = CausalLanguageModel.Load(CheckpointFolder.FromDirectory(folder), Options(format));

    public static ModelLoadOptions Options(string format) => format switch
    {
        "auto" => new ModelLoadOptions(),
        "bf16" => new ModelLoadOptions { Dtype = ModelDtype.BFloat16 },
        "packed" => new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Packed },
        "plain" => new ModelLoadOptions { Dtype = ModelDtype.Stored, Weights = WeightFormat.Plain },
        "int8" => new ModelLoadOptions { Weights = WeightFormat.Int8 },
        _ => throw new ArgumentException($"There is no format '{format}'.", nameof(format)),
    };

    public void Reset()
    {
        foreach (ModelCache cache in _caches)
            cache.Dispose();
        _caches.Clear();
    }

    public int[] Read(int[] prompt, int rows)
    {
        int[] tokens = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            using var mode = inference_mode(true);
            using var scope = NewDisposeScope();
            _caches.Add(Model.CreateCache(prompt.Length + 256));
            Tensor states = Model.Forward(Embed(prompt), [new ForwardRow(prompt.Length, _caches[row])]);
            tokens[row] = Likeliest(Model.Logits(states[^1..]))[0];
        }

        return tokens;
    }

    public int[] Step(int[] tokens)
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        return Likeliest(Model.Logits(Model.Forward(Embed(tokens), [.. _caches.Select(cache => new ForwardRow(1, cache))])));
    }

    public void Dispose()
    {
        Reset();
        Model.Dispose();
    }

    private Tensor Embed(int[] ids) => Model.Embed(tensor([.. ids.Select(id => (long)id)], int64));

    private static int[] Likeliest(Tensor logits) => [.. logits.argmax(-1).data<long>().Select(id => (int)id)];
}
