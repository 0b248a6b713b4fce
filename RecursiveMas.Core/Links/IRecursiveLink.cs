using TorchSharp;

namespace RecursiveMas;

/// <summary>A small trained map of latent states: <i>inner</i> (an agent to itself) or <i>outer</i> (one agent to another).</summary>
/// <remarks>Immutable and safe for concurrent calls; runs on the thread of the caller and on its own device.</remarks>
public interface IRecursiveLink : IDisposable
{
    /// <summary>Type of the link as checkpoints name it, for example <c>outer_ln_res_adapter</c>.</summary>
    string AdapterType { get; }

    /// <summary>Width of the states that go in.</summary>
    int InputSize { get; }

    /// <summary>Width of the states that come out.</summary>
    int OutputSize { get; }

    /// <summary>Maps each vector of a block by itself: the vectors may be the steps of one question or single steps of many.</summary>
    /// <param name="states"><c>[m, InputSize]</c>, any floating dtype; stays the caller's.</param>
    /// <param name="outputDtype">Element type of the result. The link computes in its own.</param>
    /// <returns><c>[m, OutputSize]</c> in <paramref name="outputDtype"/>; the caller disposes it.</returns>
    /// <exception cref="GraphException">The states have another width.</exception>
    LatentBlock Apply(LatentBlock states, torch.ScalarType outputDtype);
}
