using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Caching;

/// <summary>Memory that forks of a cache hold together until one of them has to write where another may still read.</summary>
/// <remarks>Counting is safe between threads, as forks may be used on several.</remarks>
internal abstract class SharedMemory
{
    private int _holders = 1;

    public abstract long Bytes { get; }

    /// <summary>Whether nobody else holds it, so that anything in it may be overwritten.</summary>
    public bool HeldOnce => Volatile.Read(ref _holders) == 1;

    /// <summary>One holder more.</summary>
    public void Share() => Interlocked.Increment(ref _holders);

    /// <summary>One holder less; the last one frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            Free();
    }

    protected abstract void Free();
}

/// <summary>A tensor that forks hold together.</summary>
internal sealed class SharedTensor : SharedMemory
{
    private nint _address;

    /// <param name="data">Taken over, and out of its dispose scope.</param>
    public SharedTensor(Tensor data)
    {
        Data = data.DetachFromDisposeScope();
        Bytes = data.numel() * data.ElementSize;
    }

    public Tensor Data { get; }

    public override long Bytes { get; }

    /// <summary>Where the memory lies, on a CPU.</summary>
    public unsafe nint Address => _address != 0 ? _address : _address = (nint)TensorMemory.Address(Data);

    protected override void Free() => Data.Dispose();
}
