using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>The memory of tensors on the CPU, for managed kernels.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Where a tensor's first element lies. The caller keeps the tensor alive while the pointer is used.</summary>
    public static void* Address(Tensor tensor)
    {
        if (tensor.is_contiguous() && tensor.NumberOfElements * tensor.ElementSize <= int.MaxValue)
            return Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        // No span is as long, or goes across gaps; its first element tells as much.
        using Tensor first = tensor.as_strided([1], [1], tensor.storage_offset());
        return Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
