using System.Diagnostics;
using System.Runtime.InteropServices;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>
/// libtorch's own C functions for calling any operator by name; they reach what TorchSharp has no method for.
/// The handle of a TorchSharp tensor is the handle these functions take.
/// </summary>
internal sealed unsafe class TorchDispatcher
{
    private readonly delegate* unmanaged[Cdecl]<byte*, byte*, ulong*, int> _call;
    private readonly delegate* unmanaged[Cdecl]<nint, nint*, int> _newTensor;
    private readonly delegate* unmanaged[Cdecl]<nuint, nint*, int> _newList;
    private readonly delegate* unmanaged[Cdecl]<nint, ulong, int> _push;

    private TorchDispatcher(nint library)
    {
        _call = (delegate* unmanaged[Cdecl]<byte*, byte*, ulong*, int>)NativeLibrary.GetExport(library, "aoti_torch_call_dispatcher");
        _newTensor = (delegate* unmanaged[Cdecl]<nint, nint*, int>)NativeLibrary.GetExport(library, "aoti_torch_new_tensor_handle");
        _newList = (delegate* unmanaged[Cdecl]<nuint, nint*, int>)NativeLibrary.GetExport(library, "torch_new_list_reserve_size");
        _push = (delegate* unmanaged[Cdecl]<nint, ulong, int>)NativeLibrary.GetExport(library, "torch_list_push_back");
    }

    /// <summary>The functions of the libtorch in this process; null where it does not export them.</summary>
    public static TorchDispatcher? Instance { get; } = TryCreate();

    /// <summary>Calls an operator that returns one tensor. Arguments stand in the order of its schema, defaults included.</summary>
    /// <param name="op">Name with namespace, ending in a zero byte: "aten::rms_norm\0"u8.</param>
    /// <param name="overload">Overload name ending in a zero byte: "\0"u8 where there is none.</param>
    /// <param name="arguments">All arguments.</param>
    /// <returns>The result, registered with the current dispose scope; null if the operator refused or does not exist.</returns>
    public Tensor? Call(ReadOnlySpan<byte> op, ReadOnlySpan<byte> overload, params ReadOnlySpan<Argument> arguments)
    {
        Debug.Assert(op[^1] == 0 && overload[^1] == 0, "names end in a zero byte");
        ulong* stack = stackalloc ulong[Math.Max(arguments.Length, 1)];
        for (int i = 0; i < arguments.Length; i++)
            stack[i] = Encode(arguments[i]);
        int status;
        fixed (byte* name = op, variant = overload)
            status = _call(name, variant, stack);
        foreach (Argument argument in arguments)
            argument.KeepAlive();
        return status == 0 ? Tensor.UnsafeCreateTensor((nint)stack[0]) : null;
    }

    // Every value made here is owned, and released, by the call that takes it.
    private ulong Encode(in Argument argument)
    {
        switch (argument.Kind)
        {
            case ArgumentKind.Tensor:
                return (ulong)NewTensor(argument.Tensor!);
            case ArgumentKind.OptionalTensor:
                return argument.Tensor is null ? 0 : Cell((ulong)NewTensor(argument.Tensor));
            case ArgumentKind.OptionalBits:
                return Cell(argument.Bits);
            case ArgumentKind.Sizes:
                return (ulong)NewList(argument.Sizes!);
            default:
                return argument.Bits;
        }
    }

    private nint NewTensor(Tensor tensor)
    {
        nint handle;
        Check(_newTensor(tensor.Handle, &handle));
        return handle;
    }

    private nint NewList(long[] values)
    {
        nint handle;
        Check(_newList((nuint)values.Length, &handle));
        foreach (long value in values)
            Check(_push(handle, (ulong)value));
        return handle;
    }

    // The callee frees the cell with the C heap's free.
    private static ulong Cell(ulong value)
    {
        ulong* cell = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *cell = value;
        return (ulong)cell;
    }

    private static void Check(int status)
    {
        if (status != 0)
            throw new NativeLibraryException("libtorch refused to hand out a handle. Its own message stands on the standard error stream.");
    }

    private static TorchDispatcher? TryCreate()
    {
        try
        {
            return TorchLibrary.Handle is { } library ? new TorchDispatcher(library) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>How a value is laid into the call's stack.</summary>
    public enum ArgumentKind
    {
        /// <summary>Integers, booleans, element types, and the bits of a double.</summary>
        Bits,
        OptionalBits,
        Tensor,
        OptionalTensor,
        Sizes,
    }

    /// <summary>One argument of an operator. There is no text among them: libtorch 2.10 loses 48 bytes for each that a call is given.</summary>
    public readonly struct Argument
    {
        private Argument(ArgumentKind kind, ulong bits = 0, Tensor? tensor = null, long[]? sizes = null) =>
            (Kind, Bits, Tensor, Sizes) = (kind, bits, tensor, sizes);

        public static Argument None => new(ArgumentKind.Bits);

        public ArgumentKind Kind { get; }

        public ulong Bits { get; }

        public Tensor? Tensor { get; }

        public long[]? Sizes { get; }

        public static Argument Of(Tensor tensor) => new(ArgumentKind.Tensor, tensor: tensor);

        public static Argument Optional(Tensor? tensor) => new(ArgumentKind.OptionalTensor, tensor: tensor);

        public static Argument Of(ScalarType type) => new(ArgumentKind.Bits, (ulong)(int)type);

        public static Argument Optional(double value) => new(ArgumentKind.OptionalBits, BitConverter.DoubleToUInt64Bits(value));

        public static Argument Of(params long[] sizes) => new(ArgumentKind.Sizes, sizes: sizes);

        public void KeepAlive() => GC.KeepAlive(Tensor);
    }
}
