namespace RecursiveMas.Native;

/// <summary>Brings libtorch and TorchSharp's native part into the process before TorchSharp looks for them itself.</summary>
/// <remarks>
/// TorchSharp 0.107.0 for Linux asks for <c>GLIBCXX_3.4.32</c> (GCC 13), which Debian 12, Ubuntu 22.04 and RHEL 9 lack,
/// although nothing it calls needs it. There, a copy in which that one requirement is weak is loaded instead.
/// </remarks>
internal sealed class TorchNativeLoader(INativeEnvironment machine)
{
    internal const string FolderVariable = "RECURSIVEMAS_LIBTORCH";
    private const string NewerRuntime = "GLIBCXX_3.4.32";
    private const string Sharp = "libLibTorchSharp.so";

    /// <summary>Loads what is needed on this platform.</summary>
    /// <exception cref="NativeLibraryException">libtorch is missing or does not load.</exception>
    public void Load()
    {
        string? folder = machine.GetVariable(FolderVariable);
        if (!machine.IsLinux)
        {
            // TorchSharp's own search is right on Windows and macOS; an external folder only has to be found first.
            if (!string.IsNullOrEmpty(folder))
                LoadExternal(folder);
            return;
        }

        // GNU OpenMP threads that spin at barriers starve each other as soon as two programs share the cores.
        if (machine.GetVariable("GOMP_SPINCOUNT") is null)
            machine.SetProcessVariable("GOMP_SPINCOUNT", "1000");
        if (!string.IsNullOrEmpty(folder) && !machine.FileExists(Path.Combine(folder, "libtorch_cpu.so")))
            throw MissingIn(folder, "libtorch_cpu.so");

        Require("libc10.so", folder);
        Require("libtorch_cpu.so", folder);
        if (Find("libtorch_cuda.so", folder) is { } cuda)
            RequirePath(cuda);
        Require("libtorch.so", folder);
        LoadSharp(folder);
    }

    private void LoadSharp(string? folder)
    {
        string path = Find(Sharp, folder) ?? Sharp;
        if (machine.TryLoad(path, out string? error))
            return;
        if (machine.FileExists(path))
        {
            byte[] image = machine.ReadFile(path);
            ElfVersionNeeds? needs = ElfVersionNeeds.TryParse(image);
            if (error!.Contains(NewerRuntime, StringComparison.Ordinal) && needs is not null && needs.Weaken(NewerRuntime))
            {
                if (machine.TryLoadCopy(Sharp, image, out error))
                    return;
                throw new NativeLibraryException(
                    $"The C++ runtime of this system is older than {Sharp} asks for, and an adapted copy of it could not be loaded. Let TMPDIR name a " +
                    $"folder in which programs may write and from which they may load libraries. The system said: {error}");
            }
        }

        throw Missing(Sharp, error);
    }

    private void LoadExternal(string folder)
    {
        string[] names = machine.IsWindows
            ? ["c10.dll", "torch_cpu.dll", "torch_cuda.dll", "torch.dll"]
            : ["libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib"];
        foreach (string name in names)
        {
            string path = Path.Combine(folder, name);
            if (machine.FileExists(path))
                RequirePath(path);
            else if (!name.Contains("cuda", StringComparison.Ordinal))
                throw MissingIn(folder, name);
        }
    }

    private static NativeLibraryException MissingIn(string folder, string name) => new(
        $"{FolderVariable} names '{folder}', which has no {name}. Point it at the 'lib' folder of a libtorch 2.10 installation, or unset it.");

    private void Require(string name, string? folder) => RequirePath(Find(name, folder) ?? name);

    private void RequirePath(string path)
    {
        if (!machine.TryLoad(path, out string? error))
            throw Missing(Path.GetFileName(path), error);
    }

    private string? Find(string name, string? folder)
    {
        string application = machine.BaseDirectory;
        IEnumerable<string> places = [application, Path.Combine(application, "runtimes", machine.RuntimeIdentifier, "native"), .. machine.NativeFolders];
        if (!string.IsNullOrEmpty(folder))
            places = places.Prepend(folder);
        return places.Select(place => Path.Combine(place, name)).FirstOrDefault(machine.FileExists);
    }

    private static NativeLibraryException Missing(string name, string? error) => new(
        $"The native library {name} could not be loaded. Add the package TorchSharp-cpu (or TorchSharp-cuda-linux / TorchSharp-cuda-windows) " +
        $"to the application, or let {FolderVariable} name a folder with libtorch 2.10. The loader said: {error}");
}
