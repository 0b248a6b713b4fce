using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>A decoder-only language model seen from inside: embeddings go in, hidden states come out.</summary>
/// <remarks>
/// Immutable after loading and safe for concurrent calls, each with a cache of its own. Results join the caller's dispose scope.
/// Call it in inference mode unless gradients are wanted.
/// </remarks>
public interface ICausalLanguageModel : IDisposable
{
    /// <summary>What the model tells of itself.</summary>
    ModelConfiguration Configuration { get; }

    /// <summary>Element type of weights, embeddings and hidden states.</summary>
    ScalarType Dtype { get; }

    /// <summary>Device of weights and results.</summary>
    Device Device { get; }

    /// <summary>Looks token ids up, any scaling of the family's embedding module included.</summary>
    /// <param name="ids">[B, T], int64.</param>
    /// <returns>[B, T, H].</returns>
    Tensor Embed(Tensor ids);

    /// <summary>Reads embeddings and returns the states after the final norm.</summary>
    /// <param name="embeddings">[B, T, H]; not scaled again.</param>
    /// <param name="mask">[B, T] bool, false at left padding; null if there is none among these positions.</param>
    /// <param name="cache">Earlier positions, extended by these; null reads the embeddings alone.</param>
    /// <param name="positions">How positions are counted; a cache's own rule goes first.</param>
    /// <returns>[B, T, H]; states at padding mean nothing but are finite.</returns>
    /// <exception cref="InvalidOptionException">The mask has padding after real positions of a row.</exception>
    Tensor Forward(Tensor embeddings, Tensor? mask = null, ModelCache? cache = null, PositionRule positions = PositionRule.RowIndex);

    /// <summary>Scores of the next token.</summary>
    /// <param name="hidden">States after the final norm, [..., H].</param>
    /// <returns>[..., V] in <see cref="Dtype"/>.</returns>
    Tensor Logits(Tensor hidden);

    /// <summary>An empty cache for a batch.</summary>
    /// <param name="batchSize">Rows B.</param>
    /// <param name="capacity">Positions to make room for; more are made as needed.</param>
    /// <param name="positions">How positions are counted.</param>
    ModelCache CreateCache(int batchSize, int capacity, PositionRule positions);
}
