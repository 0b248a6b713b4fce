using System.Runtime.InteropServices;
using RecursiveMas.Shared;

namespace RecursiveMas.Native;

/// <summary>On how many threads libtorch spreads what the calling thread asks of it. The setting is OpenMP's and belongs to the calling thread alone.</summary>
internal static unsafe class ThreadCount
{
    private static readonly delegate* unmanaged[Cdecl]<int, void> s_set = (delegate* unmanaged[Cdecl]<int, void>)Export("omp_set_num_threads");

    /// <summary>Whether libtorch leads to OpenMP here, so that a thread can be told to keep to itself.</summary>
    public static bool CanBeSet => s_set is not null;

    /// <summary>From now on operations of the calling thread run on it alone.</summary>
    public static void SetOne() => s_set(1);

    // A library's handle finds what the libraries have that it depends on.
    private static nint Export(string name) =>
        TorchLibrary.Handle is { } library && NativeLibrary.TryGetExport(library, name, out nint function) ? function : 0;
}
