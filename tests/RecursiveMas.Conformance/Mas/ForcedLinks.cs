using RecursiveMas.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance.Mas;

/// <summary>
/// An inner link that checks each state against the recorded one and maps the recorded one in its place, so that rounding never adds up.
/// </summary>
internal sealed class ForcedInnerLink(IRecursiveLink inner, Queue<Tensor> rollouts, string what) : IRecursiveLink
{
    private Tensor? _recorded;
    private int _step;

    public string AdapterType => inner.AdapterType;

    public int InputSize => inner.InputSize;

    public int OutputSize => inner.OutputSize;

    /// <summary>Rollouts compared so far.</summary>
    public int Compared { get; private set; }

    public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
    {
        _recorded ??= rollouts.Dequeue(); // [m, H]
        using Tensor expected = _recorded.narrow(0, _step++, 1);
        TensorChecks.Close(expected, states.Values, what: $"{what} step {_step}");
        if (_step == (int)_recorded.size(0))
        {
            Compared++;
            (_recorded, _step) = (null, 0);
        }

        using var forced = new LatentBlock(expected.clone());
        return inner.Apply(forced, outputDtype);
    }

    public void Dispose()
    {
    }
}

/// <summary>An outer link that checks each block against the recorded one, dtype included, and hands the recorded one on.</summary>
internal sealed class ForcedOuterLink(IRecursiveLink outer, Queue<(Tensor Values, string Dtype)> blocks, string what) : IRecursiveLink
{
    public string AdapterType => outer.AdapterType;

    public int InputSize => outer.InputSize;

    public int OutputSize => outer.OutputSize;

    public int Compared { get; private set; }

    public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
    {
        (Tensor recorded, string dtype) = blocks.Dequeue();
        using LatentBlock computed = outer.Apply(states, outputDtype);
        Xunit.Assert.Equal(dtype, DtypeNames.Torch(computed.Dtype));
        TensorChecks.Close(recorded, computed.Values, what: what);
        Compared++;
        return new LatentBlock(recorded.to_type(outputDtype).alias());
    }

    public void Dispose()
    {
    }
}

internal static class DtypeNames
{
    public static string Torch(ScalarType type) => type switch
    {
        ScalarType.Float32 => "torch.float32",
        ScalarType.BFloat16 => "torch.bfloat16",
        ScalarType.Float16 => "torch.float16",
        _ => type.ToString(),
    };
}
