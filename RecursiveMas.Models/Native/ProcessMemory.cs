using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>
/// What the process gives back to the system and what it keeps: pages of mapped files and freed parts of the C heap that it holds without need go back,
/// the working memory of a step stays for the next layer.
/// </summary>
/// <remarks>Where the system or its C library has no such call nothing happens: it only costs memory. Safe for concurrent calls.</remarks>
internal static unsafe partial class ProcessMemory
{
    private const int DontNeed = 4; // MADV_DONTNEED
    private const long Worthwhile = 64 << 20;
    private const int TrimThreshold = -1, MapThreshold = -3; // M_TRIM_THRESHOLD, M_MMAP_THRESHOLD

    // The most that glibc itself goes to, which it does once 32 MiB in one piece have been freed.
    internal const int KeptFree = 64 << 20, LargestOfHeap = 32 << 20;

    private static bool s_cannotTrim = !OperatingSystem.IsLinux();
    private static long s_freed;
    private static int s_keeps;

    /// <summary>
    /// Makes glibc keep freed memory that the next layer asks for again. By default it gives all back that lies free at the end of the heap, so that for each
    /// layer of a prompt the system maps new pages and fills them with zeros, which took longer than the products. At most 64 MiB stay with each thread that
    /// computes. Whoever has set glibc's own thresholds keeps them.
    /// </summary>
    public static void KeepWorkingMemory()
    {
        if (OperatingSystem.IsLinux() && Interlocked.Exchange(ref s_keeps, 1) == 0 && !HasOwnThresholds(Environment.GetEnvironmentVariable))
            SetThresholds(LargestOfHeap, KeptFree);
    }

    /// <summary>Sets glibc's thresholds; another C library has none.</summary>
    /// <param name="map">Bytes from which on a piece of memory is mapped by itself, and goes back when it is freed.</param>
    /// <param name="trim">Free bytes at the end of the heap above which they go back.</param>
    internal static void SetThresholds(int map, int trim)
    {
        try
        {
            _ = SetHeapOption(MapThreshold, map);
            _ = SetHeapOption(TrimThreshold, trim);
        }
        catch (EntryPointNotFoundException)
        {
            // musl
        }
    }

    /// <summary>Whether thresholds of the C heap were set from outside.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    internal static bool HasOwnThresholds(Func<string, string?> variable) =>
        variable("MALLOC_TRIM_THRESHOLD_") is not null
        || variable("MALLOC_MMAP_THRESHOLD_") is not null
        || variable("GLIBC_TUNABLES")?.Contains("_threshold", StringComparison.Ordinal) == true;

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
    /// <param name="freed">Bytes that were freed. As searching the heap takes milliseconds, it waits until enough have come together.</param>
    public static void Trim(long freed)
    {
        if (s_cannotTrim || Interlocked.Add(ref s_freed, freed) < Worthwhile)
            return;
        Interlocked.Exchange(ref s_freed, 0);
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

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetHeapOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimHeap(nuint keep);
}
