using System.Runtime.InteropServices;
using Xunit;

namespace RecursiveMas.Testing;

/// <summary>Bytes that are in use of the C heap, where tensors live: unlike the process's size they do not depend on what the heap keeps back.</summary>
public static partial class NativeMemoryUse
{
    /// <summary>Bytes in use now; the running test is skipped where the C library does not tell them.</summary>
    public static long Now()
    {
        try
        {
            HeapInfo info = Query();
            return (long)(info.InUse + info.Mapped);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            Assert.Skip("The C library does not tell how much of its heap is in use.");
            throw;
        }
    }

    /// <summary>The most in use while an action runs, looked at again and again from beside.</summary>
    public static long Peak(Action action)
    {
        long peak = Now();
        using var done = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                peak = Math.Max(peak, Now());
                Thread.Yield();
            }
        });
        watch.Start();
        try
        {
            action();
        }
        finally
        {
            done.Cancel();
            watch.Join();
        }

        return peak;
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial HeapInfo Query();

    [StructLayout(LayoutKind.Sequential)]
    private struct HeapInfo
    {
        public nuint Arena, FreeChunks, FastChunks, MappedChunks, Mapped, MostUsed, FreeInFast, InUse, Free, KeepCost;
    }
}
