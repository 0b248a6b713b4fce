using System.Text.Json;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Links;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests;

/// <summary>One tiny model of tests/Goldens, in the kind "models" or in another layout, with its expected outputs.</summary>
internal sealed class ModelGolden : IDisposable
{
    private ModelGolden(string folder, string expected, ModelLoadOptions options)
    {
        Folder = expected;
        Model = (DecoderModel)CausalLanguageModel.Load(CheckpointFolder.FromDirectory(folder), options);
        Expected = new GoldenTensors(Path.Combine(expected, "expected.safetensors"));
    }

    /// <summary>The folder with the expected outputs.</summary>
    public string Folder { get; }

    public DecoderModel Model { get; }

    public GoldenTensors Expected { get; }

    /// <summary>Every family, "models/qwen3" say, and every other layout of one, each with weights mapped and optimised.</summary>
    public static IEnumerable<TheoryDataRow<string, bool>> All =>
        new[] { "models", "layouts" }.SelectMany(kind => Goldens.Subfolders(kind).SelectMany(row =>
            new[] { true, false }.Select(optimized => new TheoryDataRow<string, bool>($"{kind}/{row.Data}", optimized) { Skip = row.Skip })));

    /// <summary>Every family in its plain layout.</summary>
    public static IEnumerable<TheoryDataRow<string>> Families => Goldens.Subfolders("models");

    /// <param name="name">Kind and folder, as <see cref="All"/> gives them.</param>
    /// <param name="optimized">Whether weights are copied into faster layouts, and managed kernels take part.</param>
    /// <param name="dtype">Element type to compute in.</param>
    public static ModelGolden Open(string name, bool optimized, ModelDtype dtype = ModelDtype.Float32) => Open(
        name,
        new ModelLoadOptions
        {
            Device = TestDevice.Device,
            Dtype = dtype,
            Weights = optimized ? WeightFormat.Auto : WeightFormat.Plain,
            ManagedKernels = optimized && TestKernels.Managed,
        });

    public static ModelGolden Open(string name, ModelLoadOptions options)
    {
        string[] parts = name.Split('/');
        string folder = Goldens.Folder(parts[0], parts[1]);
        return new ModelGolden(folder, parts[0] == "models" ? folder : FolderOfOutputs(folder), options);
    }

    private static string FolderOfOutputs(string layout)
    {
        using JsonDocument info = JsonDocument.Parse(File.ReadAllText(Path.Combine(layout, "case.json")));
        return Path.Combine(Goldens.Beside(Path.GetDirectoryName(layout)!, "models"), info.RootElement.GetProperty("same_outputs_as").GetString()!);
    }

    /// <summary>An inner link from a safetensors file of golden data.</summary>
    public static AdapterLink InnerLink(string path, int width)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors(path);
        return (AdapterLink)LinkTypeRegistry.Create(
            LinkTypeRegistry.BuiltIn.Find(LinkTypeRegistry.DefaultInner, path),
            file.Keys.ToDictionary(key => key, key => file[key]),
            width,
            width,
            path,
            ScalarType.Float32,
            TestDevice.Device);
    }

    public AdapterLink Inner() => InnerLink(Path.Combine(Folder, "inner.safetensors"), Model.Configuration.HiddenSize);

    /// <summary>A tensor of the golden file; the running test fails if there is none.</summary>
    public Tensor Require(string key)
    {
        Assert.True(Expected.Has(key), $"{Folder} has no {key}.");
        return Expected[key];
    }

    public Tensor EmbedIds(Tensor ids) => Model.Embed(ids.to_type(ScalarType.Int64));

    public void Dispose()
    {
        Model.Dispose();
        Expected.Dispose();
    }
}
