using RecursiveMas.Generation.Sampling;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Generation;

public class SamplingGoldenTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases => SamplingGolden.Ids("cases");

    public static IEnumerable<TheoryDataRow<string>> DrawnCases => SamplingGolden.Ids("cases", golden => golden.Valid && golden.Plan().DoSample);

    public static IEnumerable<TheoryDataRow<string>> Statistical => SamplingGolden.Ids("statistical");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Processors_run_in_the_recorded_order_and_each_gives_the_recorded_scores(string id)
    {
        SamplingGolden golden = SamplingGolden.Read("cases", id);
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = golden.Tensor("logits");
        SamplingRow[] rows = golden.Rows((int)scores.size(0));
        LogitsProcessorChain chain = LogitsProcessorChain.Create(golden.Plan(), golden.EndIds);
        IScoreProcessor[] all = [.. chain.Scores, .. chain.Filters];
        Assert.Equal(golden.Order, all.Select(p => p.Name));

        float[] before = golden.Values("logits");
        foreach (IScoreProcessor processor in all)
        {
            Tensor after = processor.Process(scores, rows);
            Assert.Equal(before, scores.data<float>().ToArray());
            before = after.data<float>().ToArray();
            scores = after;
            if (golden.Has($"after.{processor.Name}"))
                ScoreChecks.Same("exact", golden.Values($"after.{processor.Name}"), before, golden.Shape("logits"), $"{id} after {processor.Name}");
        }

        ScoreChecks.Same(golden.Compare, golden.Values("filtered"), before, golden.Shape("logits"), id);
        Assert.Equal(golden.KeptCount.Length, scores.size(0));
        if (golden.Compare != "rounding")
            Assert.Equal(golden.KeptCount, ScoreChecks.Rows(before, golden.Shape("logits")).Select(row => row.Count(float.IsFinite)));
        if (golden.Valid && golden.Compare == "exact")
            ScoreChecks.Near(golden.Values("probs"), scores.softmax(-1).data<float>().ToArray(), 1e-6, id);
    }

    [Theory]
    [MemberData(nameof(DrawnCases))]
    public void The_fast_filter_keeps_the_recorded_tokens_with_the_recorded_probabilities(string id)
    {
        SamplingGolden golden = SamplingGolden.Read("cases", id);
        SamplingPlan plan = golden.Plan();
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = golden.Tensor("logits");
        float[] probabilities = [.. FastPath.Probabilities(plan, golden.EndIds, logits, golden.Rows((int)logits.size(0))).SelectMany(row => row)];
        if (golden.Compare == "exact")
            ScoreChecks.Near(golden.Values("probs"), probabilities, 1e-6, id);

        // A token is kept if it has a probability; its score is compared with that of the plain processors, which another test holds to the record.
        float[] filtered = golden.Values("filtered"), kept = new float[probabilities.Length];
        LogitsProcessorChain chain = LogitsProcessorChain.Create(plan with { TopK = 0, TopP = 1, MinP = null }, golden.EndIds);
        float[] scores = LogitsProcessorChain.Apply([.. chain.Scores, .. chain.Filters], logits, golden.Rows((int)logits.size(0))).data<float>().ToArray();
        float[] recorded = golden.Values("probs");
        for (int i = 0; i < kept.Length; i++)
            kept[i] = probabilities[i] > 0 || (recorded[i] == 0 && float.IsFinite(filtered[i])) ? scores[i] : float.NegativeInfinity;
        ScoreChecks.Same(golden.Compare, filtered, kept, golden.Shape("logits"), id);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_sampler_chooses_a_possible_token_or_refuses_without_drawing(string id)
    {
        SamplingGolden golden = SamplingGolden.Read("cases", id);
        SamplingPlan plan = golden.Plan();
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = golden.Tensor("logits");
        foreach (bool shortlist in new[] { false, true })
        {
            var sampler = new TokenSampler(plan, golden.EndIds) { UseShortlist = shortlist };
            SamplingRow[] rows = golden.Rows((int)logits.size(0)), untouched = golden.Rows((int)logits.size(0));
            if (golden.Valid)
            {
                int[] next = sampler.Next(logits, rows);
                if (!plan.DoSample)
                    Assert.Equal(golden.Greedy, next);
                Assert.Equal(new OracleSampler(plan, golden.EndIds).Next(logits, golden.Rows((int)logits.size(0))), next);
                continue;
            }

            SamplingException error = Assert.Throws<SamplingException>(() => sampler.Next(logits, rows));
            float[][] probabilities = [.. ScoreChecks.Rows(golden.Values("probs"), golden.Shape("probs"))];
            Assert.Equal(Array.FindIndex(probabilities, row => row.Any(float.IsNaN)), error.Row);
            Assert.Equal(untouched.Select(row => row.Random.NextUInt64()), rows.Select(row => row.Random.NextUInt64()));
        }
    }

    [Theory]
    [MemberData(nameof(Statistical))]
    public void Draws_follow_the_recorded_distribution(string id)
    {
        SamplingGolden golden = SamplingGolden.Read("statistical", id);
        const int batch = 500;
        SamplingPlan plan = golden.Plan();
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = golden.Tensor("logits").unsqueeze(0).expand(batch, -1);
        double[] probabilities = golden.Doubles("probs");
        List<double> statistics = [];
        for (int seed = 1; seed <= 5; seed++)
        {
            SamplingRow[] rows = [.. Enumerable.Range(0, batch).Select(b => new SamplingRow(new RowRandom(seed, $"question-{b}", 0)))];
            var sampler = new TokenSampler(plan, []);
            long[] counts = new long[probabilities.Length];
            for (int drawn = 0; drawn < golden.Draws; drawn += batch)
            {
                foreach (int token in sampler.Next(logits, rows).Take(golden.Draws - drawn))
                    counts[token]++;
            }

            Assert.Equal(golden.Draws, golden.Support.Sum(token => counts[token]));
            statistics.Add(
                golden.Support.Sum(token => Math.Pow(counts[token] - (golden.Draws * probabilities[token]), 2) / (golden.Draws * probabilities[token])));
        }

        Assert.All(statistics, s => Assert.InRange(s, 0, golden.ChiSquareLimit));
        Assert.True(statistics.Max() > 0.2 * golden.DegreesOfFreedom, $"{id}: more even than chance allows, {string.Join(", ", statistics)}");
    }
}
