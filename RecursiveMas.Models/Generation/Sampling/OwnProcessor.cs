using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Generation.Sampling;

/// <summary>Runs a user's processor on each row.</summary>
internal sealed class OwnProcessor(ILogitsProcessor processor) : IScoreProcessor
{
    public string Name => processor.GetType().Name;

    public Tensor Process(Tensor scores, IReadOnlyList<SamplingRow> rows)
    {
        Tensor result = scores.to(CPU, copy: true).contiguous(); // [B, V]
        Span<float> all = MemoryMarshal.Cast<byte, float>(result.bytes);
        int vocabulary = (int)scores.size(1);
        for (int b = 0; b < rows.Count; b++)
        {
            if (!rows[b].Finished)
                Process(all.Slice(b * vocabulary, vocabulary), b, rows[b]);
        }

        return result.to(scores.device);
    }

    private void Process(Span<float> logits, int row, SamplingRow state)
    {
        try
        {
            processor.Process(new LogitsContext(state.Ids, state.NewTokens), logits);
        }
        catch (Exception error)
        {
            throw new SamplingException(row, state.NewTokens, $"the logits processor {Name} failed: {error.Message}", error);
        }
    }
}
