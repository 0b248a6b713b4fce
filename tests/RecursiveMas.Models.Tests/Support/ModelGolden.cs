using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Links;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests;

/// <summary>One tiny model of tests/Goldens/models with its expected outputs.</summary>
internal sealed class ModelGolden : IDisposable
{
    private ModelGolden(string folder, ModelLoadOptions options)
    {
        Folder = folder;
        Model = (DecoderModel)CausalLanguageModel.Load(CheckpointFolder.FromDirectory(folder), options);
        Expected = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
    }

    public string Folder { get; }

    public DecoderModel Model { get; }

    public GoldenTensors Expected { get; }

    /// <summary>Every family folder, with weights mapped and optimised.</summary>
    public static IEnumerable<TheoryDataRow<string, bool>> Families =>
        Goldens.Subfolders("models").SelectMany(row => new[] { true, false }.Select(optimized => new TheoryDataRow<string, bool>(row.Data, optimized) { Skip = row.Skip }));

    public static ModelGolden Open(string family, bool optimized, ModelDtype dtype = ModelDtype.Float32) =>
        new(Goldens.Folder("models", family), new ModelLoadOptions { Dtype = dtype, OptimizeWeights = optimized });

    /// <summary>An inner link from a safetensors file of golden data.</summary>
    public static AdapterLink InnerLink(string path, int width)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors(path);
        return LinkTypeRegistry.Create(
            LinkTypeRegistry.Find(LinkTypeRegistry.DefaultInner, path),
            file.Keys.ToDictionary(key => key, key => file[key]),
            width,
            width,
            path,
            ScalarType.Float32,
            torch.CPU);
    }

    public AdapterLink Inner() => InnerLink(Path.Combine(Folder, "inner.safetensors"), Model.Configuration.HiddenSize);

    /// <summary>Skips the running test if the file lacks a key.</summary>
    public Tensor Require(string key)
    {
        Assert.SkipUnless(Expected.Has(key), $"{Folder} has no {key}.");
        return Expected[key];
    }

    public Tensor EmbedIds(Tensor ids) => Model.Embed(ids.to_type(ScalarType.Int64));

    public void Dispose()
    {
        Model.Dispose();
        Expected.Dispose();
    }
}
