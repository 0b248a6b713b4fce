using RecursiveMas.Shared;
using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

/// <summary>One step between the model's scores and the choice of a token, for all rows that are sampled together.</summary>
internal interface IScoreProcessor
{
    /// <summary>The customary name of the step, as configurations write it.</summary>
    string Name { get; }

    /// <summary>Returns changed scores, in the caller's dispose scope; the scores that come in stay as they are.</summary>
    /// <param name="scores">[B, V] float32.</param>
    /// <param name="rows">One for each row of the batch.</param>
    Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows);
}

/// <summary>Divides positive and multiplies negative scores of every id that the row has seen, once however often it was seen.</summary>
internal sealed class RepetitionPenaltyProcessor(double penalty) : IScoreProcessor
{
    public string Name => "repetition_penalty";

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        using Tensor? seen = FlatIndex.Of(scores, rows, row => row.Distinct);
        if (seen is null)
            return scores;
        Tensor factor = tensor((float)penalty);
        Tensor result = scores.clone();
        Tensor flat = result.view(-1);
        Tensor old = flat.index_select(0, seen);
        flat.index_copy_(0, seen, where(old.lt(HeldNumbers.Zero), old.mul(factor), old.div(factor)));
        return result;
    }
}

/// <summary>Makes the ids that end the text impossible while <paramref name="tooShort"/> holds for a row.</summary>
internal sealed class MinimumLengthProcessor(string name, IReadOnlyList<int> endIds, Func<SamplingRow, bool> tooShort) : IScoreProcessor
{
    public string Name => name;

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        using Tensor? ends = FlatIndex.Of(scores, rows, row => tooShort(row) ? endIds : []);
        if (ends is null)
            return scores;
        Tensor result = scores.clone();
        result.view(-1).index_fill_(0, ends, HeldNumbers.MinusInfinity);
        return result;
    }
}

internal static class FlatIndex
{
    /// <summary>Positions row * V + id of chosen ids, on the scores' device; null if there are none.</summary>
    public static Tensor? Of(Tensor scores, IReadOnlyList<SamplingRow> rows, Func<SamplingRow, IReadOnlyList<int>> idsOf)
    {
        long vocabulary = scores.size(1);
        var positions = new List<long>();
        for (int b = 0; b < rows.Count; b++)
        {
            if (rows[b].Finished)
                continue;
            foreach (int id in idsOf(rows[b]))
            {
                if ((uint)id >= vocabulary)
                    throw new SamplingException(
                        b,
                        rows[b].NewTokens,
                        $"id {id} does not exist in a vocabulary of {vocabulary}. Use the tokenizer that belongs to the model.");
                positions.Add((b * vocabulary) + id);
            }
        }

        return positions.Count == 0 ? null : tensor(positions.ToArray(), device: scores.device);
    }
}
