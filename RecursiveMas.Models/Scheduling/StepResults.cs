using RecursiveMas.Generation.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Scheduling;

/// <summary>
/// What becomes of the states of a step: thinking rows go through their inner link together, writing rows through the head and their samplers.
/// </summary>
internal sealed class StepResults(ICausalLanguageModel model)
{
    private const int MostSamplers = 64;

    private readonly Dictionary<SamplingRules, TokenSampler> _samplers = [];

    /// <summary>Lets works go on from their states.</summary>
    /// <param name="output">States of this step; null if nothing was read.</param>
    /// <param name="read">Works that go on from states that their sessions kept.</param>
    public void Advance(StepOutput? output, IReadOnlyList<StepWork> read)
    {
        var rows = new List<Row>();
        for (int i = 0; i < (output?.Works.Count ?? 0); i++)
            rows.Add(new Row(output!.Works[i], i));
        rows.AddRange(read.Select(work => new Row(work, Row.Kept)));

        foreach (Row row in rows.Where(row => row.Work is ReadWork))
        {
            if (row.Index != Row.Kept)
                row.Work.Session.Last = output!.States.narrow(0, row.Index, 1).clone(); // [1, H]
            row.Work.Complete();
        }

        foreach (IGrouping<IRecursiveLink, Row> group in rows.Where(row => row.Work is ThinkWork).GroupBy(row => ((ThinkWork)row.Work).Inner))
            Think([.. group.Select(row => (ThinkWork)row.Work)], States(output, [.. group]), group.Key);
        foreach (IGrouping<SamplingRules, Row> group in rows.Where(row => row.Work is WriteWork).GroupBy(row => ((WriteWork)row.Work).Rules))
            Write([.. group.Select(row => (WriteWork)row.Work)], States(output, [.. group]), group.Key);
    }

    /// <summary>The states of some rows, [R, H]; those that sessions kept come last, as in the list.</summary>
    private static Tensor States(StepOutput? output, Row[] rows)
    {
        List<long> indices = [.. rows.Where(row => row.Index != Row.Kept).Select(row => (long)row.Index)];
        Tensor[] kept = [.. rows.Where(row => row.Index == Row.Kept).Select(row => row.Work.Session.Last!)];
        if (kept.Length == 0)
            return StepOutput.Select(output!.States, indices);
        if (indices.Count == 0)
            return kept.Length == 1 ? kept[0] : cat(kept, 0);
        return cat([StepOutput.Select(output!.States, indices), .. kept], 0);
    }

    private void Think(ThinkWork[] works, Tensor states, IRecursiveLink inner)
    {
        using var raw = new LatentBlock(states.alias());
        using LatentBlock mapped = inner.Apply(raw, model.Dtype); // [R, H]
        for (int i = 0; i < works.Length; i++)
        {
            Tensor next = mapped.Values.narrow(0, i, 1); // [1, H]
            (ThinkWork work, Tensor state) = (works[i], states.narrow(0, i, 1));
            work.GoOn(() =>
            {
                bool done = work.Advance(state, next.alias());
                work.Session.Unread.Add(next);
                return done;
            });
        }
    }

    private void Write(WriteWork[] works, Tensor states, SamplingRules rules)
    {
        Tensor logits = model.Logits(states); // [R, V]
        List<(WriteWork Work, Tensor State)> writing = [.. works.Select((work, row) => (work, states.narrow(0, row, 1)))];
        int[] tokens = [];
        while (tokens.Length < writing.Count)
        {
            try
            {
                tokens = Sampler(rules).Next(logits, [.. writing.Select(row => row.Work.Row)]);
            }
            catch (SamplingException error)
            {
                // One row's scores are its own misfortune; no random number was used up.
                writing[error.Row].Work.Fail(error);
                logits = StepOutput.Select(logits, [.. Enumerable.Range(0, writing.Count).Where(row => row != error.Row).Select(row => (long)row)]);
                writing.RemoveAt(error.Row);
            }
        }

        for (int i = 0; i < writing.Count; i++)
        {
            ((WriteWork work, Tensor state), int token) = (writing[i], tokens[i]);
            work.GoOn(() =>
            {
                bool done = work.Advance(token);
                work.Session.Unread.Add(new ReadOnlyMemory<int>([token]));
                // The text may go on from here if its rule takes the token back.
                if (done)
                    work.Session.Last = state.clone(); // [1, H]
                return done;
            });
        }
    }

    private TokenSampler Sampler(SamplingRules rules)
    {
        if (_samplers.TryGetValue(rules, out TokenSampler? sampler))
            return sampler;
        if (_samplers.Count == MostSamplers)
            _samplers.Clear();
        return _samplers[rules] = new TokenSampler(rules.Plan, [rules.EndId]);
    }

    /// <summary>A work and the index of its state in the step's output.</summary>
    private readonly record struct Row(StepWork Work, int Index)
    {
        public const int Kept = -1;
    }
}
