using System.Runtime.InteropServices;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>
/// libtorch's own C function for oneDNN's linear with a packed weight. The dispatcher reaches the same operator, but libtorch 2.10 loses
/// 48 bytes for each string argument of a dispatcher call, and this operator has two.
/// </summary>
internal sealed unsafe class OneDnnLinear
{
    private readonly delegate* unmanaged[Cdecl]<nint, nint, nint*, byte*, double**, long, byte**, nint*, int> _call;

    private OneDnnLinear(nint function) =>
        _call = (delegate* unmanaged[Cdecl]<nint, nint, nint*, byte*, double**, long, byte**, nint*, int>)function;

    /// <summary>The function of the libtorch in this process; null where it does not export it.</summary>
    public static OneDnnLinear? Instance { get; } = Find("aoti_torch_cpu__linear_pointwise");

    /// <summary>The function of that name; null where the libtorch in this process does not export it.</summary>
    public static OneDnnLinear? Find(string export) =>
        TorchLibrary.Handle is { } library && NativeLibrary.TryGetExport(library, export, out nint function) ? new OneDnnLinear(function) : null;

    /// <summary>x · Wᵀ + b.</summary>
    /// <param name="x">[..., in].</param>
    /// <param name="packed">The packed weight, [out, in].</param>
    /// <param name="bias">[out] or null.</param>
    /// <returns>[..., out], registered with the current dispose scope; null if oneDNN refused.</returns>
    public Tensor? Call(Tensor x, Tensor packed, Tensor? bias)
    {
        // The call owns none of its arguments.
        nint result, added = bias?.Handle ?? 0;
        int status;
        fixed (byte* noActivation = "none\0"u8)
            status = _call(x.Handle, packed.Handle, bias is null ? null : &added, noActivation, null, 0, null, &result);
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        GC.KeepAlive(bias);
        return status == 0 ? Tensor.UnsafeCreateTensor(result) : null;
    }
}
