using System.Text.Json;
using RecursiveMas.Links;
using RecursiveMas.Testing;
using RecursiveMas.Weights.Manifests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Mas;

/// <summary>
/// Every hop of every recorded run of every system against the reference implementation, forced: each computation is given the recorded
/// ids, states and blocks before it.
/// </summary>
public class MasForcedTests
{
    // Ten times the margin from which recorded ids count as certain: beyond those, only our own margin is known.
    private const double CertainMargin = 5e-3;

    /// <summary>Stage names of the reference that do not begin with, or contain, the name of their role.</summary>
    private static readonly Dictionary<string, string> s_roles = new(StringComparer.Ordinal) { ["refiner"] = "critic" };

    public static IEnumerable<TheoryDataRow<string, string>> Cases =>
        Goldens.Subfolders("mas", style => Directory.Exists(Path.Combine(style, "cases"))).SelectMany(style => style.Skip is not null
        ? [new TheoryDataRow<string, string>("", "") { Skip = style.Skip }]
        : Goldens.NotEmpty(Directory.GetFiles(Goldens.Folder("mas", style.Data, "cases"), "*.json"), $"mas/{style.Data}/cases").Order(StringComparer.Ordinal)
            .Select(file => new TheoryDataRow<string, string>(style.Data, Path.GetFileNameWithoutExtension(file))));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_hop(string style, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Goldens.Folder("mas", style, "cases", $"{name}.json")));
        JsonElement run = document.RootElement, info = run.GetProperty("case");
        using var expected = new GoldenTensors(Goldens.Folder("mas", style, "cases", $"{name}.safetensors"));
        bool float32 = info.GetProperty("dtype").GetString() == "float32";
        string task = info.GetProperty("dataset").GetString()!.EndsWith("mbppplus", StringComparison.Ordinal) ? "code" : "math";
        using var checkpoints = new MasCheckpoints(Goldens.Folder("mas", style), task, float32);
        using var mode = inference_mode(true);
        using var replay = new Replay(checkpoints, expected, float32);
        int compared = 0;
        foreach (JsonElement happened in run.GetProperty("events").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            compared += replay.Next(happened);
        }

        Assert.True(compared > 0, "nothing was compared");
    }

    private static string RoleOf(string stage, IEnumerable<OuterLinkEntry> edges) => s_roles.GetValueOrDefault(stage)
        ?? edges.Select(edge => edge.SourceRole!).Distinct().Single(role => stage.Contains(role, StringComparison.Ordinal));

    /// <summary>Walks the events of one run; what a stage computed, as recorded, is what later stages are given.</summary>
    private sealed class Replay(MasCheckpoints checkpoints, GoldenTensors expected, bool float32) : IDisposable
    {
        private readonly Dictionary<(string From, string To), List<Tensor>> _blocks = []; // [B, m, d] each
        private readonly List<int[][]> _prompts = []; // token ids of the pieces between slots
        private string _role = "", _writer = "";
        private int _firstRow, _rollouts, _sent;
        private Tensor? _states;

        /// <summary>Checks one event; returns how many things were compared.</summary>
        public int Next(JsonElement happened)
        {
            string stage = happened.GetProperty("agent").GetString()!, kind = happened.GetProperty("kind").GetString()!;
            switch (kind)
            {
                case "load":
                    Begin(stage);
                    return 0;
                case "prompt_whole":
                case "prompt_pieces":
                    _prompts.Add([.. happened.GetProperty("ids").EnumerateArray().Select(Ids)]);
                    return 0;
                case "rollout":
                    return Rollout(happened);
                case "outer":
                    return Send(happened);
                case "generate":
                    return Generate(happened);
                default:
                    throw new InvalidDataException($"unknown event '{kind}'");
            }
        }

        public void Dispose()
        {
            foreach (Tensor block in _blocks.Values.SelectMany(blocks => blocks))
                block.Dispose();
            _states?.Dispose();
        }

        private void Begin(string stage)
        {
            _prompts.Clear();
            _firstRow = 0;
            // The answer pass is the last writer's.
            _role = stage.EndsWith("-retry", StringComparison.Ordinal) ? _writer : RoleOf(stage, checkpoints.Edges);
            foreach (OuterLinkEntry edge in checkpoints.Edges.Where(edge => edge.SourceRole == _role && !stage.EndsWith("-retry", StringComparison.Ordinal)))
                SentOver(edge).Clear();
        }

        private List<Tensor> SentOver(OuterLinkEntry edge)
        {
            if (!_blocks.TryGetValue((edge.SourceRole!, edge.TargetRole!), out List<Tensor>? blocks))
                _blocks.Add((edge.SourceRole!, edge.TargetRole!), blocks = []);
            return blocks;
        }

        private int Rollout(JsonElement happened)
        {
            ICausalLanguageModel model = checkpoints.Model(_role);
            AdapterLink inner = checkpoints.Inner(_role);
            Tensor recorded = expected[happened.GetProperty("tensor").GetString()!]; // [B, m, H]
            (int rows, int steps) = ((int)recorded.size(0), (int)recorded.size(1));
            Tensor[] next = Read(rows);
            Assert.Equal(happened.GetProperty("width").GetInt32(), next.Max(row => row.size(0)));
            Assert.Equal(Ids(happened.GetProperty("mask_lengths")), next.Select(row => (int)row.size(0)));
            ModelCache[] caches = [.. next.Select(_ => model.CreateCache())];
            int certain = float32 ? steps : _rollouts == 0 ? 1 : 0;
            for (int step = 0; step < certain; step++)
            {
                Tensor[] states = model.ReadTogether([.. next.Select((row, i) => (row, (ModelCache?)caches[i]))]);
                for (int row = 0; row < rows; row++)
                {
                    Tensor wanted = recorded[row].narrow(0, step, 1), state = Reading.Last(states[row]);
                    string what = $"{happened.GetProperty("tensor")} row {row} h_{step + 1}";
                    if (float32)
                        TensorChecks.Close(wanted, state, what: what);
                    else
                        Assert.True(TensorChecks.SmallestCosine(wanted, state) > 0.999, what);
                    next[row] = inner.Forward(wanted).to_type(model.Dtype);
                }
            }

            foreach (ModelCache cache in caches)
                cache.Dispose();
            _rollouts++;
            _sent = 0;
            _firstRow += rows;
            _states?.Dispose();
            _states = recorded.alias().DetachFromDisposeScope();
            return certain * rows;
        }

        private int Send(JsonElement happened)
        {
            OuterLinkEntry edge = checkpoints.Edges.Where(edge => edge.SourceRole == _role).ElementAt(_sent++);
            Tensor recorded = expected[happened.GetProperty("tensor").GetString()!];
            ScalarType transit = happened.GetProperty("dtype").GetString() switch
            {
                "torch.float32" => ScalarType.Float32,
                "torch.bfloat16" => ScalarType.BFloat16,
                var other => throw new InvalidDataException($"unknown dtype '{other}'"),
            };
            Assert.Equal(transit, recorded.dtype);
            for (int row = 0; row < recorded.size(0); row++)
            {
                using var states = new LatentBlock(_states![row].clone());
                using LatentBlock own = checkpoints.Inner(_role).Apply(states, checkpoints.Model(_role).Dtype);
                using LatentBlock sent = checkpoints.Outer(edge).Apply(own, transit);
                string what = $"{happened.GetProperty("tensor")} row {row}";
                Assert.Equal(transit, sent.Dtype);
                if (float32)
                    TensorChecks.Close(recorded[row], sent.Values, what: what);
                else
                    Assert.True(TensorChecks.SmallestCosine(recorded[row], sent.Values) > 0.999, what);
            }

            SentOver(edge).Add(recorded.clone().DetachFromDisposeScope());
            return (int)recorded.size(0);
        }

        private int Generate(JsonElement happened)
        {
            bool fromIds = happened.GetProperty("prompt").GetString() == "ids";
            Tensor recorded = expected[happened.GetProperty("tensor").GetString()!]; // [B, n]
            (int rows, int steps) = ((int)recorded.size(0), (int)recorded.size(1));
            ICausalLanguageModel model = checkpoints.Model(_role);
            if (!fromIds)
                _writer = _role;
            if (!float32)
                return 0;
            Tensor[] prompts = fromIds
                ? [.. happened.GetProperty("input_ids").EnumerateArray().Select(row => Embed(model, Ids(row)))]
                : Read(rows);
            if (!fromIds)
                _firstRow += rows;
            int[] safe = Ids(happened.GetProperty("safe_tokens"));
            int end = happened.GetProperty("eos").GetInt32(), pad = happened.GetProperty("pad").GetInt32(), compared = 0;
            for (int row = 0; row < rows; row++)
            {
                int[] ids = [.. recorded[row].cpu().data<long>().Select(id => (int)id)];
                int ended = Array.IndexOf(ids, end), length = ended < 0 ? steps : ended + 1;
                Assert.All(ids[length..], id => Assert.Equal(pad, id));
                model.Write(prompts[row], length, (step, scores) =>
                {
                    if (step < safe[row] || Margin(scores) >= CertainMargin)
                    {
                        compared++;
                        Assert.True(ids[step] == scores.argmax().ToInt64(), $"{happened.GetProperty("tensor")} row {row}, token {step + 1}");
                    }

                    return ids[step];
                });
            }

            return compared;
        }

        private static double Margin(Tensor logits)
        {
            Tensor best = logits.to_type(ScalarType.Float32).topk(2).values;
            return (best[0] - best[1]).ToDouble();
        }

        /// <summary>The prompts of the next rows of the stage, with the blocks that earlier stages sent for these rows: [T_i, H] each.</summary>
        private Tensor[] Read(int rows)
        {
            ICausalLanguageModel model = checkpoints.Model(_role);
            int slots = _prompts[_firstRow].Length - 1;
            OuterLinkEntry[] edges = slots == 0 ? [] : [.. checkpoints.Edges.Where(edge => edge.TargetRole == _role)];
            Assert.Equal(slots, edges.Length);
            // With zero latent steps nothing was sent.
            Tensor?[] blocks = [.. edges.Select(SentOver).Select(sent => sent.Count == 0 ? null : cat([.. sent], 0).narrow(0, _firstRow, rows))];
            return [.. Enumerable.Range(0, rows).Select(row => cat([.. _prompts[_firstRow + row].SelectMany((ids, piece) => new[]
            {
                Embed(model, ids),
                piece < slots && blocks[piece] is { } block ? block[row].to_type(model.Dtype) : null,
            }).OfType<Tensor>()]))];
        }

        private static Tensor Embed(ICausalLanguageModel model, int[] ids) => model.Embed(tensor([.. ids.Select(id => (long)id)], int64));

        private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
    }
}
