using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace RecursiveMas.Testing;

/// <summary>Memory in use on the device that tests compute on, whoever uses it.</summary>
public static unsafe class DeviceMemoryUse
{
    private static readonly delegate* unmanaged[Cdecl]<nuint*, nuint*, int> s_query = Find();

    /// <summary>Bytes in use now, what libtorch keeps for later included; 0 where tests compute on a CPU.</summary>
    public static long Now()
    {
        if (TestDevice.Device.type != DeviceType.CUDA)
            return 0;
        if (s_query is null)
            throw new NotSupportedException("The CUDA runtime of this process tells nothing of its memory.");
        torch.cuda.synchronize();
        nuint free, total;
        int status = s_query(&free, &total);
        return status == 0 ? (long)(total - free) : throw new InvalidOperationException($"cudaMemGetInfo failed with {status}.");
    }

    private static delegate* unmanaged[Cdecl]<nuint*, nuint*, int> Find()
    {
        if (TestDevice.Device.type != DeviceType.CUDA)
            return null;
        // The one that libtorch has loaded; its name ends in its version.
        using Process process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            if (Path.GetFileName(module.FileName).Contains("cudart", StringComparison.OrdinalIgnoreCase)
                && NativeLibrary.TryLoad(module.FileName, out nint library)
                && NativeLibrary.TryGetExport(library, "cudaMemGetInfo", out nint function))
                return (delegate* unmanaged[Cdecl]<nuint*, nuint*, int>)function;
        }

        return null;
    }
}
