using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>A decoder-only language model seen from inside: embeddings go in, hidden states come out.</summary>
/// <remarks>
/// Immutable after loading and safe for concurrent calls, each with caches of its own. Results join the caller's dispose scope.
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
    /// <param name="ids">[N], int64.</param>
    /// <returns>[N, H].</returns>
    Tensor Embed(Tensor ids);

    /// <summary>Reads new positions of any number of rows and returns the states after the final norm.</summary>
    /// <param name="embeddings">[N, H], not scaled again; the rows lie one after another. Positions of a row count on from what its cache holds.</param>
    /// <param name="rows">
    /// The rows, at least one, whose lengths add up to N. They may differ in length, and do not see each other. A row without a cache is
    /// read alone, from position 0.
    /// </param>
    /// <returns>[N, H]. Each row's states are those of the row alone, up to rounding.</returns>
    /// <exception cref="InvalidOptionException">
    /// Lengths and embeddings do not fit, or a cache is another model's, stands twice among the rows, or is of no use after an earlier failure.
    /// Nothing was read.
    /// </exception>
    /// <remarks>After any other exception the caches of the call can only be disposed.</remarks>
    Tensor Forward(Tensor embeddings, IReadOnlyList<ForwardRow> rows);

    /// <summary>Scores of the next token.</summary>
    /// <param name="hidden">States after the final norm, [..., H].</param>
    /// <returns>[..., V] in <see cref="Dtype"/>.</returns>
    Tensor Logits(Tensor hidden);

    /// <summary>An empty cache for one row.</summary>
    /// <param name="capacity">
    /// Positions to allocate at the first call, where it is known how many will come; more are added as needed. Default: a little more than
    /// the first call brings.
    /// </param>
    ModelCache CreateCache(int capacity = 0);
}
