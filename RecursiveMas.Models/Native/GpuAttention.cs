using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Native;

/// <summary>Which of libtorch's attention kernels a GPU computes with.</summary>
/// <remarks>Safe for concurrent calls.</remarks>
internal static partial class GpuAttention
{
    /// <summary>libtorch's own switch, read once in a process, at the first attention on a GPU.</summary>
    internal const string Preference = "TORCH_CUDNN_SDPA_PREFERRED";

    private static int s_chosen;

    /// <summary>
    /// Chooses, for the whole process, kernels that take rows of any length. On Hopper and newer GPUs libtorch prefers cuDNN's, which are built anew for every
    /// length of a row: that takes longer than the step, and here each prompt has a length of its own and each step a new one. Whoever has set the
    /// variable keeps it.
    /// </summary>
    /// <param name="device">Where a model will compute.</param>
    public static void Choose(Device device)
    {
        if (device.type == DeviceType.CUDA && Interlocked.Exchange(ref s_chosen, 1) == 0)
            SetIfAbsent(Preference, "0");
    }

    /// <summary>Sets a variable for native code, whose copy of the environment is not the one that .NET keeps.</summary>
    internal static void SetIfAbsent(string name, string value)
    {
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(name, value, overwrite: 0);
        else if (Environment.GetEnvironmentVariable(name) is null)
            _ = PutVariable(name, value);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int PutVariable(string name, string value);
}
