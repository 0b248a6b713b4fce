using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>Gives memory back to the system that the process holds without need: pages of mapped files, and freed parts of the C heap.</summary>
/// <remarks>Where the system or its C library has no such call nothing happens: it only costs memory. Safe for concurrent calls.</remarks>
internal static unsafe partial class ProcessMemory
{
    private const int DontNeed = 4; // MADV_DONTNEED
    private static bool s_cannotTrim = !OperatingSystem.IsLinux();

    /// <summary>Lets go the pages that lie wholly within a part of a mapped file. They are read from the file again should somebody look at them.</summary>
    /// <param name="map">Bytes of a file, mapped by <c>from_file</c> and never written to: what was written would be lost.</param>
    /// <param name="begin">First byte of the part.</param>
    /// <param name="count">Number of bytes.</param>
    public static void LetGo(Tensor map, long begin, long count)
    {
        if (!OperatingSystem.IsLinux() || count == 0)
            return;
        using Tensor first = map.narrow(0, begin, 1);
        nint page = Environment.SystemPageSize;
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
        nint from = (start + page - 1) / page * page, to = (start + (nint)count) / page * page;
        if (from < to)
            _ = Advise(from, (nuint)(to - from), DontNeed);
    }

    /// <summary>Gives freed parts of the C heap back. glibc keeps them otherwise: a model that was unloaded would still fill its place.</summary>
    public static void Trim()
    {
        if (s_cannotTrim)
            return;
        try
        {
            _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            s_cannotTrim = true; // musl
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimHeap(nuint keep);
}
