using System.Runtime.InteropServices;

namespace RecursiveMas.Native;

/// <summary>On how many threads libtorch spreads what the calling thread asks of it. The setting is OpenMP's and belongs to the calling thread alone.</summary>
internal static unsafe class ThreadCount
{
    private static readonly delegate* unmanaged[Cdecl]<int, void> s_set = (delegate* unmanaged[Cdecl]<int, void>)Export("omp_set_num_threads");
    private static readonly delegate* unmanaged[Cdecl]<int> s_get = (delegate* unmanaged[Cdecl]<int>)Export("omp_get_max_threads");

    /// <summary>
    /// Runs the calling thread's operations on it alone until the result is disposed of; without effect where libtorch does not lead to OpenMP.
    /// </summary>
    public static Limit One() => s_set is null || s_get is null ? new Limit(0) : new Limit(s_get());

    // A library's handle finds what the libraries have that it depends on.
    private static nint Export(string name) =>
        TorchLibrary.Handle is { } library && NativeLibrary.TryGetExport(library, name, out nint function) ? function : 0;

    /// <summary>Gives the threads back that were in use before.</summary>
    public readonly ref struct Limit
    {
        private readonly int _before;

        public Limit(int before)
        {
            _before = before;
            if (before > 1)
                s_set(1);
        }

        public void Dispose()
        {
            if (_before > 1)
                s_set(_before);
        }
    }
}
