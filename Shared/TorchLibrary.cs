using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Shared;

/// <summary>The libtorch of this process as a library of C functions.</summary>
internal static class TorchLibrary
{
    private static readonly (nint? Handle, string? Path) s_found = Find();

    /// <summary>Its handle; null where it cannot be found under its usual name.</summary>
    public static nint? Handle => s_found.Handle;

    /// <summary>The file that it was loaded from; null where that is not known.</summary>
    public static string? Path => s_found.Path;

    private static (nint? Handle, string? Path) Find()
    {
        _ = Tensor.TotalCount; // TorchSharp loads libtorch in its static constructor where the module initializer leaves that to it.
        string name = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
        // By its full path first: a plain name could bring in a second libtorch from another folder.
        using Process process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (System.IO.Path.GetFileName(module.FileName) == name && NativeLibrary.TryLoad(module.FileName, out nint loaded))
                    return (loaded, module.FileName);
            }
        }

        return (NativeLibrary.TryLoad(name, typeof(torch).Assembly, null, out nint found) ? found : null, null);
    }
}
