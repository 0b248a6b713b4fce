using FsCheck.Xunit;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Generation;

[Collection(LiveTensors.Collection)]
public class TokenSamplerTests
{
    private const int RealVocabulary = 151_936;
    private static readonly SamplingPlan s_usual = new(true, 0.6, 50, 0.95);

    [Fact]
    public void Worked_examples_come_out()
    {
        float[] five = [2, 1, 0, -1, 1], four = [.. new[] { 0.4, 0.3, 0.2, 0.1 }.Select(p => (float)Math.Log(p))];
        float[] three = [0.62406841f, 0.18796579f, 0, 0, 0.18796579f], one = [1, 0, 0, 0, 0];
        SamplingPlan base5 = new(true, 0.5, 2, RepetitionPenalty: 1.25), base4 = new(true, 1, 0);
        (SamplingPlan, float[], float[])[] examples =
        [
            (base5, five, three),
            (base5 with { TopP = 0.5 }, five, one),
            (base5 with { TopP = 0.9 }, five, three),
            (base5 with { MinP = 0.5 }, five, one),
            (base5 with { MinP = 0.25 }, five, three),
            (base4 with { TopP = 0.65 }, four, [0.4f / 0.7f, 0.3f / 0.7f, 0, 0]),
            (base4 with { TopP = 0.75 }, four, [0.4f / 0.9f, 0.3f / 0.9f, 0.2f / 0.9f, 0]),
            (base4 with { TopP = 0.95 }, four, [0.4f, 0.3f, 0.2f, 0.1f]),
        ];
        foreach ((SamplingPlan plan, float[] scores, float[] probabilities) in examples)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logits = tensor(scores).unsqueeze(0);
            SamplingRow[] rows = [Row("example", 0, 3)];
            ScoreChecks.Near(probabilities, new OracleSampler(plan, []).Probabilities(logits, rows).data<float>().ToArray(), 1e-6, $"oracle, {plan}");
            ScoreChecks.Near(probabilities, FastPath.Probabilities(plan, [], logits, rows)[0], 1e-6, $"fast, {plan}");
        }
    }

    [Fact]
    public void Exact_borders_are_met_exactly()
    {
        float half = -MathF.Log(2), quarter = 2 * half, low = 1.95f;
        while (low / 1.9f < MathF.BitIncrement(low) / 1.9f)
            low = MathF.BitIncrement(low);
        SamplingPlan all = new(true, TopK: 0);
        (SamplingPlan, float[] Scores, int[] Kept)[] examples =
        [
            (all with { TopP = 0.5 }, [half, 0, half], [1]), // 1/4 + 1/4 = 1 - p is dropped
            (all with { TopP = 0.51 }, [half, 0, half], [1, 2]),
            (all with { TopP = 0.75 }, [half, quarter, 0, quarter], [0, 2]),
            (all with { TopP = 0 }, [1, 1.001f, 0.999f, 1.001f, -5], [3]), // never the last
            (all with { TopP = 0.3 }, [0, -0f, 0, -0f], [2, 3]), // of equal ones the first ids go first
            (all with { MinP = 0.5 }, [half, 0, quarter, half], [0, 1, 3]),
            (all with { MinP = 1 }, [3, 3, 2.9999f], [0, 1]),
            (all with { TopK = 1, Temperature = 1.9 }, [low, MathF.BitIncrement(low), 0], [0, 1]), // made equal by the division
            (all with { TopK = 2 }, [-0f, 0, 0, -1], [0, 1, 2]),
            (all with { TopK = 2 }, [float.NegativeInfinity, 5, float.NegativeInfinity], [1]),
        ];
        foreach ((SamplingPlan plan, float[] scores, int[] kept) in examples)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logits = tensor(scores).unsqueeze(0);
            SamplingRow[] rows = [Row("border")];
            Assert.Equal(kept, Positive(FastPath.Probabilities(plan, [], logits, rows)[0]));
            Assert.Equal(kept, Positive(new OracleSampler(plan, []).Probabilities(logits, rows).data<float>().ToArray()));
        }

        static IEnumerable<int> Positive(float[] probabilities) => Enumerable.Range(0, probabilities.Length).Where(i => probabilities[i] > 0);
    }

    [Fact]
    public void Ties_that_only_the_temperature_makes_reach_beyond_the_shortlist()
    {
        // 300 neighbouring floats become equal by the division, more than the shortlist of a top-k of 1 holds.
        float[] scores = new float[1000];
        float score = 1e-4f;
        for (int i = 0; i < 300; i++)
            scores[i * 3] = score = MathF.BitIncrement(score);
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(scores).unsqueeze(0);
        SamplingPlan plan = new(true, 3e38, 1);
        HashSet<int> drawn = [];
        SamplingRow[] fast = [Row("tie")], plain = [Row("tie")];
        var sampler = new TokenSampler(plan, []) { UseShortlist = true };
        for (int i = 0; i < 200; i++)
        {
            int next = sampler.Next(logits, fast)[0];
            Assert.Equal(new OracleSampler(plan, []).Next(logits, plain)[0], next);
            drawn.Add(next);
        }

        Assert.True(drawn.Count > 65);
    }

    // Scores on a coarse grid make ties, as half-precision models do.
    [Property(MaxTest = 200, Replay = "20261125,31")]
    public void The_fast_path_equals_the_oracle(int seed, bool coarse)
    {
        var random = new Random(seed);
        int vocabulary = random.Next(1, 400), batch = random.Next(1, 4);
        SamplingPlan plan = RandomPlan(random);
        float[] scores =
        [
            .. Enumerable.Range(
                0,
                batch * vocabulary).Select(i => random.Next(12) == 0 && i % vocabulary != 0 ? float.NegativeInfinity : Score(random, coarse)),
        ];
        using DisposeScope scope = NewDisposeScope();
        Agree(plan, tensor(scores).reshape(batch, vocabulary), $"seed {seed}, coarse {coarse}, {plan}");
    }

    private static readonly Dictionary<string, SamplingPlan> s_realPlans = new()
    {
        ["usual"] = s_usual,
        ["top-p alone"] = new(true, 1, 0, 0.95),
        ["min-p alone"] = new(true, 0.7, 0, 1, 0.05),
        ["top-p and min-p"] = new(true, 1.5, 0, 0.5, 0.02),
        ["no filter"] = new(true, 1, 0),
        ["penalty and minimum"] = new(true, 0.6, 20, 0.8, RepetitionPenalty: 1.05, MinNewTokens: 8),
        ["large k"] = new(true, 3, 5000, 0.99),
        ["greedy"] = new(false, RepetitionPenalty: 1.2),
    };

    public static TheoryData<string> RealPlans => [.. s_realPlans.Keys];

    [Theory]
    [MemberData(nameof(RealPlans))]
    public void The_fast_path_equals_the_oracle_at_a_real_vocabulary(string name)
    {
        SamplingPlan plan = s_realPlans[name];
        var random = new Random(5);
        // Of thousands of equal entries at a top-p border, rounding decides how many stay: only the finer grid is comparable there.
        foreach (bool coarse in plan.TopP == 1 || plan.TopK is > 0 and <= 50 ? new[] { false, true } : [false])
        {
            using DisposeScope scope = NewDisposeScope();
            float[] scores = [.. Enumerable.Range(0, 2 * RealVocabulary).Select(_ => Score(random, coarse))];
            Agree(plan, tensor(scores).reshape(2, RealVocabulary), $"coarse {coarse}, {plan}");
        }
    }

    [Fact]
    public void Half_precision_scores_are_taken_as_float32_and_left_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Normal(2, 500, 9).to_type(ScalarType.BFloat16);
        float[] before = logits.to_type(ScalarType.Float32).data<float>().ToArray();
        SamplingPlan plan = s_usual with { RepetitionPenalty = 1.3, MinLength = 5 };
        int[] next = new TokenSampler(plan, [4]).Next(logits, [Row("a", [1, 2]), Row("b", [3])]);
        Assert.Equal(new TokenSampler(plan, [4]).Next(logits.to_type(ScalarType.Float32), [Row("a", [1, 2]), Row("b", [3])]), next);
        Assert.Equal(before, logits.to_type(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void A_row_draws_the_same_alone_and_in_any_batch()
    {
        using DisposeScope scope = NewDisposeScope();
        string[] keys = ["a", "b", "c", "d"];
        SamplingPlan plan = s_usual with { Temperature = 2, RepetitionPenalty = 1.1 };
        int[][] together = Generate(plan, keys, 12), backwards = Generate(plan, [.. keys.Reverse()], 12);
        Assert.Equal(together, backwards.Reverse());
        for (int b = 0; b < keys.Length; b++)
            Assert.Equal(together[b], Generate(plan, [keys[b]], 12)[0]);
        Assert.Equal(together, Generate(plan, keys, 12));
        Assert.NotEqual(together, Generate(plan, keys, 12, seed: 2));
        Assert.NotEqual(together[0], together[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_bad_row_is_refused_before_anything_is_drawn(bool sample)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
        {
            for (int position = 0; position < 70; position++)
            {
                foreach (bool shortlist in new[] { false, true })
                {
                    float[] scores = [.. Enumerable.Range(0, 140).Select(i => i * 0.1f)];
                    scores[70 + position] = bad;
                    SamplingRow[] rows = [Row("a"), Row("b")];
                    rows[1].Add(3);
                    var sampler = new TokenSampler(new SamplingPlan(sample, 0.6, 3, 0.95), []) { UseShortlist = shortlist };
                    SamplingException error = Assert.Throws<SamplingException>(() => sampler.Next(tensor(scores).reshape(2, 70), rows));
                    Assert.Equal((1, 1), (error.Row, error.Position));
                    Assert.Equal(Row("a").Random.NextUInt64(), rows[0].Random.NextUInt64());

                    // A finished row may hold anything.
                    rows[1].Finished = true;
                    Assert.Equal(TokenSampler.None, sampler.Next(tensor(scores).reshape(2, 70), rows)[1]);
                }
            }
        }

        Assert.Throws<SamplingException>(() => new TokenSampler(new SamplingPlan(sample), []).Next(full([1, 9], float.NegativeInfinity), [Row("a")]));
    }

    [Fact]
    public void An_id_beyond_the_vocabulary_and_a_wrong_number_of_rows_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        var sampler = new TokenSampler(s_usual with { RepetitionPenalty = 2 }, []);
        SamplingException error = Assert.Throws<SamplingException>(() => sampler.Next(zeros(1, 8), [Row("a", [8])]));
        Assert.Contains("id 8", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sampler.Next(zeros(2, 8), [Row("a")]));
        Assert.Throws<ArgumentException>(() => sampler.Next(zeros(8), [Row("a")]));
    }

    [Fact]
    public void The_end_is_impossible_until_a_row_is_long_enough()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new float[] { 9, 1, 0, 9, 1, 0 }).reshape(2, 3);
        SamplingRow[] rows = [Row("a", [2, 2, 2]), Row("b")];
        var fresh = new TokenSampler(new SamplingPlan(false, MinNewTokens: 1), [0]);
        Assert.Equal([1, 1], fresh.Next(logits, rows));
        Assert.Equal([0, 1], new TokenSampler(new SamplingPlan(false, MinLength: 3), [0]).Next(logits, rows));
        rows[1].Add(1);
        Assert.Equal([1, 0], fresh.Next(logits, rows));
    }

    [Fact]
    public void Extra_processors_come_between_scores_and_filters()
    {
        using DisposeScope scope = NewDisposeScope();
        SamplingPlan plan = new(true, 0.5, 2, 0.9, 0.1, 1.2, 1, 1);
        LogitsProcessorChain chain = LogitsProcessorChain.Create(plan, [0, 0], [new Only(3)]);
        Assert.Equal(
            ["repetition_penalty", "min_length", "min_new_tokens", "only", "temperature", "top_k", "top_p", "min_p"],
            chain.Scores.Concat(chain.Filters).Select(p => p.Name));
        Assert.Equal([3], new TokenSampler(plan, [0], [new Only(3)]).Next(randn(1, 20), [Row("a")]));
    }

    [Fact]
    public void Greedy_takes_the_first_of_equal_scores()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal([2], new TokenSampler(new SamplingPlan(false), []).Next(tensor(new float[] { 1, 0, 5, 5, 5 }).unsqueeze(0), [Row("a")]));
    }

    [Fact]
    public void No_tensors_are_left_over()
    {
        using Tensor logits = Normal(3, 1000, 1);
        SamplingPlan plan = s_usual with { RepetitionPenalty = 1.2, MinNewTokens = 4, MinP = 0.01 };
        SamplingRow[] rows = [Row("a", [1]), Row("b"), Row("c")];
        foreach (TokenSampler sampler in new TokenSampler[]
        {
            new(plan, [2]),
            new(plan, [2]) { UseShortlist = true },
            new(plan with { DoSample = false }, [2]),
        })
        {
            LiveTensors.Unchanged(() =>
            {
                for (int step = 0; step < 100; step++)
                {
                    int[] next = sampler.Next(logits, rows);
                    for (int b = 0; b < rows.Length; b++)
                        rows[b].Add(next[b]);
                }
            });
        }
    }

    private static void Agree(SamplingPlan plan, Tensor logits, string what)
    {
        int batch = (int)logits.size(0), vocabulary = (int)logits.size(1);
        int[] ends = [vocabulary / 2];
        SamplingRow[] Rows() => [.. Enumerable.Range(0, batch).Select(b => Row($"{b}", [0, vocabulary - 1, vocabulary / 3]))];
        if (plan.DoSample)
        {
            float[] expected = new OracleSampler(plan, ends).Probabilities(logits, Rows()).data<float>().ToArray();
            float[] actual = [.. FastPath.Probabilities(plan, ends, logits, Rows()).SelectMany(row => row)];
            ScoreChecks.Near(expected, actual, 1e-6, what);
        }

        Tensor there = logits.OnTestDevice();
        var oracle = new OracleSampler(plan, ends);
        SamplingRow[] plain = Rows();
        TokenSampler[] samplers = [new(plan, ends), new(plan, ends) { UseShortlist = true }];
        SamplingRow[][] rows = [Rows(), Rows()];
        for (int step = 0; step < 3; step++)
        {
            int[] next = oracle.Next(logits, plain);
            for (int s = 0; s < samplers.Length; s++)
            {
                int[] same = samplers[s].Next(there, rows[s]);
                Assert.True(
                    next.SequenceEqual(same),
                    $"{what}, step {step}, shortlist {s}: drew {string.Join(' ', same)}, the oracle {string.Join(' ', next)}");
                for (int b = 0; b < batch; b++)
                    rows[s][b].Add(next[b]);
            }

            for (int b = 0; b < batch; b++)
                plain[b].Add(next[b]);
        }
    }

    private static int[][] Generate(SamplingPlan plan, string[] keys, int steps, long seed = 1)
    {
        var sampler = new TokenSampler(plan, []);
        SamplingRow[] rows = [.. keys.Select(key => new SamplingRow(new RowRandom(seed, key, 0)))];
        int[][] drawn = [.. keys.Select(_ => new int[steps])];
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            int[] next = sampler.Next(cat([.. keys.Select(key => Normal(1, 300, key[0] + step))], 0), rows);
            for (int b = 0; b < keys.Length; b++)
            {
                drawn[b][step] = next[b];
                rows[b].Add(next[b]);
            }
        }

        return drawn;
    }

    private static SamplingPlan RandomPlan(Random random) => new(
        DoSample: random.Next(8) > 0,
        Temperature: random.Next(3) == 0 ? 1 : 0.1 + (2 * random.NextDouble()),
        TopK: random.Next(3) == 0 ? 0 : random.Next(1, 120),
        TopP: random.Next(3) == 0 ? 1 : random.NextDouble(),
        MinP: random.Next(2) == 0 ? null : random.NextDouble() * random.NextDouble(),
        RepetitionPenalty: random.Next(2) == 0 ? 1 : 0.5 + random.NextDouble(),
        MinNewTokens: random.Next(3),
        MinLength: random.Next(5));

    private static float Score(Random random, bool coarse)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return coarse ? MathF.Round((float)(4 * normal)) / 4 : (float)(2.5 * normal);
    }

    private static Tensor Normal(int batch, int vocabulary, int seed)
    {
        var random = new Random(seed);
        return tensor(Enumerable.Range(0, batch * vocabulary).Select(_ => Score(random, coarse: false)).ToArray()).reshape(batch, vocabulary);
    }

    private static SamplingRow Row(string key, params int[] prompt) => new(new RowRandom(1, key, 0), prompt);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_processor_of_ones_own_sees_its_row_and_changes_it_alone(bool sample)
    {
        var seen = new List<(string Ids, int New)>();
        var plan = SamplingPlan.Resolve(
            new SamplingOptions { DoSample = sample, TopK = 3, RepetitionPenalty = 1.5, LogitsProcessors = [new Watching(seen), new Forbidding(7)] },
            null);
        using Tensor logits = zeros(2, 9);
        logits[0, 7] = 50;
        logits[0, 2] = 40;
        logits[1, 5] = 50;
        SamplingRow first = Row("a", [1, 2]), second = Row("b");
        second.Add(4);
        Assert.Equal([2, 5], new TokenSampler(plan, [0]).Next(logits, [first, second]));
        Assert.Equal([("1 2", 0), ("4", 1)], seen);
        Assert.Equal(50, logits[0, 7].ToSingle());
        Assert.Equal(new OracleSampler(plan, [0]).Next(logits, [first, second]), new TokenSampler(plan, [0]).Next(logits, [first, second]));
    }

    [Fact]
    public void A_processor_that_fails_fails_its_row()
    {
        var plan = SamplingPlan.Resolve(new SamplingOptions { LogitsProcessors = [new Forbidding(99)] }, null);
        SamplingException error = Assert.Throws<SamplingException>(() => new TokenSampler(plan, []).Next(zeros(2, 9), [Row("a"), Row("b")]));
        Assert.Equal(0, error.Row);
        Assert.IsType<IndexOutOfRangeException>(error.InnerException);
        Assert.Contains(nameof(Forbidding), error.Message, StringComparison.Ordinal);
    }

    private sealed class Watching(List<(string Ids, int New)> seen) : ILogitsProcessor
    {
        public void Process(LogitsContext context, Span<float> logits)
        {
            if (seen.Count < 2)
                seen.Add((string.Join(' ', context.TokenIds), context.NewTokens));
        }
    }

    private sealed class Forbidding(int id) : ILogitsProcessor
    {
        public void Process(LogitsContext context, Span<float> logits) => logits[id] = float.NegativeInfinity;
    }

    private sealed class Only(int id) : IScoreProcessor
    {
        public string Name => "only";

        public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
        {
            Tensor result = full_like(scores, float.NegativeInfinity);
            result.narrow(1, id, 1).copy_(scores.narrow(1, id, 1));
            return result;
        }
    }
}
