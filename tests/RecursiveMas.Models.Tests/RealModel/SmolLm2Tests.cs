using System.Text.Json;
using RecursiveMas.Agents;
using RecursiveMas.Links;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.RealModel;

/// <summary>A real model against transformers: prompts, ids, states, logits, greedy texts and latent rollouts.</summary>
[Trait("Category", "Long")]
public class SmolLm2Tests(SmolLm2Tests.Loaded loaded) : IClassFixture<SmolLm2Tests.Loaded>
{
    // Ten times the largest float32 error that the golden data report.
    private const double Absolute = 2e-4;

    public static IEnumerable<TheoryDataRow<string>> Cases() => Names("cases");

    public static IEnumerable<TheoryDataRow<string>> Rollouts() => Names("rollouts");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Prompt_states_logits_and_greedy_text(string name)
    {
        (ICausalLanguageModel model, ChatTokenizer text, GoldenTensors tensors) = loaded.Open();
        JsonElement row = Find("cases", name);
        PromptMessage[] messages = [.. row
            .GetProperty("messages")
            .EnumerateArray()
            .Select(m => new PromptMessage(m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!))];
        string rendered = new ChatPromptRenderer(
            ChatTemplateSet.Load(CheckpointFolder.FromDirectory(Testing.RealModel.Folder())),
            text.Tokenizer.SpecialTokens).Render(messages);
        Assert.Equal(row.GetProperty("rendered").GetString(), rendered);
        int[] ids = Ints(row.GetProperty("ids"));
        Assert.Equal(ids, text.Tokenizer.Encode(rendered, addSpecialTokens: false));

        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor embeddings = model.Embed(tensor([.. ids.Select(id => (long)id)], int64));
        Tensor hidden = model.Read(embeddings)[-1];
        Near(tensors[$"{name}.hidden"], hidden, $"{name} state");
        (Tensor values, Tensor indices) = model.Logits(hidden).topk(20);
        Assert.Equal(Ints(row.GetProperty("top20_ids")), indices.data<long>().ToArray().Select(id => (int)id));
        Near(tensors[$"{name}.top20_values"], values, $"{name} logits");

        int[] expected = Ints(row.GetProperty("new_ids"));
        Assert.Equal(expected, model.Write(embeddings, expected.Length));
        int[] until = row.GetProperty("first_stop") is { ValueKind: JsonValueKind.Number } stop ? expected[..stop.GetInt32()] : expected;
        Assert.Equal(row.GetProperty("new_text").GetString(), text.Tokenizer.Decode(until, skipSpecialTokens: true));
    }

    [Fact]
    public void Rows_of_a_batch_give_the_texts_of_each_alone()
    {
        (ICausalLanguageModel model, _, GoldenTensors tensors) = loaded.Open();
        JsonElement batch = Document().GetProperty("batch");
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor[] next = Rows(model, batch);
        int[][] expected = [.. batch.GetProperty("new_ids").EnumerateArray().Select(Ints)];
        ModelCache[] caches = [.. next.Select(_ => model.CreateCache())];
        for (int step = 0; step < expected[0].Length; step++)
        {
            Tensor last = cat([.. model.ReadTogether([.. next.Select((row, i) => (row, (ModelCache?)caches[i]))]).Select(Reading.Last)]); // [B, H]
            if (step == 0)
                Near(tensors["batch.hidden"], last, "batch state");
            long[] written = [.. model.Logits(last).argmax(-1).data<long>()];
            Assert.Equal(expected.Select(row => (long)row[step]), written);
            next = model.Embed(tensor(written)).split(1, 0);
        }

        foreach (ModelCache cache in caches)
            cache.Dispose();
    }

    [Theory]
    [MemberData(nameof(Rollouts))]
    public void Latent_rollout(string name)
    {
        (ICausalLanguageModel model, _, GoldenTensors tensors) = loaded.Open();
        using AdapterLink inner = ModelGolden.InnerLink(Goldens.Folder("smollm2", "inner.safetensors"), model.Configuration.HiddenSize);
        JsonElement row = Find("rollouts", name);
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor[] rows = Rows(model, row);
        int steps = row.GetProperty("steps").GetInt32();
        Tensor expected = tensors[$"rollout.{name}.h"];
        foreach (bool cached in new[] { true, false })
        {
            // Encoding a long prompt anew at each step takes long and shows nothing that a short one does not.
            if (cached || rows[0].size(0) < 200)
                Near(expected, stack(rows.Select(embeddings => model.Rollout(embeddings, inner, steps, cached)).ToArray()), $"{name}, cached: {cached}");
        }
    }

    [Fact]
    public void Mapped_weights_give_the_same_states()
    {
        (ICausalLanguageModel model, _, _) = loaded.Open();
        using ICausalLanguageModel mapped = CausalLanguageModel.Load(
            CheckpointFolder.FromDirectory(Testing.RealModel.Folder()), new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Plain },
            cancellationToken: TestContext.Current.CancellationToken);
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor ids = arange(40).add(100);
        Near(mapped.Read(mapped.Embed(ids)), model.Read(model.Embed(ids)), "optimised weights");
    }

    private static void Near(Tensor expected, Tensor actual, string what)
    {
        double error = (expected.to_type(ScalarType.Float64) - actual.reshape(expected.shape).to_type(ScalarType.Float64)).abs().max().ToDouble();
        Assert.True(error <= Absolute, $"{what}: largest difference {error:E2}");
    }

    /// <summary>Embeddings of the rows of a recorded batch, [T_i, H] each.</summary>
    private static Tensor[] Rows(ICausalLanguageModel model, JsonElement batch) =>
        [.. batch.GetProperty("ids").EnumerateArray().Zip(batch.GetProperty("mask").EnumerateArray(), (ids, mask) =>
            model.Embed(tensor([.. Ints(ids).Zip(Ints(mask)).Where(pair => pair.Second != 0).Select(pair => (long)pair.First)], int64)))];

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    private static JsonElement Document()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Goldens.Folder("smollm2", "cases.json")));
        return document.RootElement.Clone();
    }

    private static JsonElement Find(string list, string name) =>
        Document().GetProperty(list).EnumerateArray().First(row => row.GetProperty("name").GetString() == name);

    private static IEnumerable<TheoryDataRow<string>> Names(string list)
    {
        string? file = Goldens.TryFolder("smollm2") is { } folder ? Path.Combine(folder, "cases.json") : null;
        if (file is null || !File.Exists(file))
            return Goldens.Rows([], "smollm2");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return Goldens.Rows([.. document.RootElement.GetProperty(list).EnumerateArray().Select(row => row.GetProperty("name").GetString()!)], "smollm2");
    }

    /// <summary>Loads the model once for all tests of the class.</summary>
    public sealed class Loaded : IDisposable
    {
        private ICausalLanguageModel? _model;
        private ChatTokenizer? _text;
        private GoldenTensors? _tensors;

        internal (ICausalLanguageModel Model, ChatTokenizer Text, GoldenTensors Tensors) Open()
        {
            CheckpointFolder folder = CheckpointFolder.FromDirectory(Testing.RealModel.Folder());
            _model ??= CausalLanguageModel.Load(folder, new ModelLoadOptions { Dtype = ModelDtype.Float32 });
            _text ??= ChatTokenizer.Load(folder, parseSpecialTokens: false, TimeProvider.System);
            _tensors ??= new GoldenTensors(Goldens.Folder("smollm2", "tensors.safetensors"));
            return (_model, _text, _tensors);
        }

        public void Dispose()
        {
            _model?.Dispose();
            _tensors?.Dispose();
        }
    }
}
