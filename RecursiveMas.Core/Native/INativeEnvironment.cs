using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RecursiveMas.Native;

/// <summary>What the loader asks of the machine; replaced in tests so that every platform's decision can be checked on one.</summary>
internal interface INativeEnvironment
{
    bool IsLinux { get; }

    bool IsWindows { get; }

    string BaseDirectory { get; }

    /// <summary>Where the runtime looks for native libraries: of an application in one file the folder that they were extracted to.</summary>
    IReadOnlyList<string> NativeFolders { get; }

    string RuntimeIdentifier { get; }

    string? GetVariable(string name);

    void SetProcessVariable(string name, string value);

    bool FileExists(string path);

    byte[] ReadFile(string path);

    /// <summary>Loads a library; false with the loader's own words if it cannot be.</summary>
    bool TryLoad(string pathOrName, out string? error);

    /// <summary>Loads a library from bytes that lie in no lasting file.</summary>
    bool TryLoadCopy(string fileName, byte[] image, out string? error);
}

/// <summary>The machine that the process runs on.</summary>
internal sealed partial class ProcessEnvironment : INativeEnvironment
{
    public bool IsLinux => OperatingSystem.IsLinux();

    public bool IsWindows => OperatingSystem.IsWindows();

    public string BaseDirectory => AppContext.BaseDirectory;

    public IReadOnlyList<string> NativeFolders =>
        (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];

    public string RuntimeIdentifier => RuntimeInformation.RuntimeIdentifier is { } id && id.StartsWith("linux-", StringComparison.Ordinal)
        ? id
        : $"{(IsWindows ? "win" : IsLinux ? "linux" : "osx")}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    public string? GetVariable(string name) => Environment.GetEnvironmentVariable(name);

    public void SetProcessVariable(string name, string value)
    {
        // The runtime keeps its own copy of the environment, which native libraries never see.
        _ = SetEnv(name, value, 0);
    }

    public bool FileExists(string path) => File.Exists(path);

    public byte[] ReadFile(string path) => File.ReadAllBytes(path);

    public bool TryLoad(string pathOrName, out string? error)
    {
        try
        {
            NativeLibrary.Load(pathOrName);
            error = null;
            return true;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            error = failure.Message;
            return false;
        }
    }

    public bool TryLoadCopy(string fileName, byte[] image, out string? error)
    {
        error = null;
        return TryLoadFromMemory(fileName, image) || TryLoadFromFolder(fileName, image, out error);
    }

    // Needs no folder that may be written to, which containers may lack.
    private bool TryLoadFromMemory(string fileName, byte[] image)
    {
        try
        {
            using var memory = new SafeFileHandle(MemFdCreate(fileName, 0), ownsHandle: true);
            if (memory.IsInvalid)
                return false;
            RandomAccess.Write(memory, image, 0);
            return TryLoad($"/proc/self/fd/{memory.DangerousGetHandle()}", out _);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private bool TryLoadFromFolder(string fileName, byte[] image, out string? error)
    {
        string? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("recursivemas-").FullName;
            string copy = Path.Combine(folder, fileName);
            File.WriteAllBytes(copy, image);
            return TryLoad(copy, out error);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error = failure.Message;
            return false;
        }
        finally
        {
            // The mapping outlives the file.
            if (folder is not null)
                Directory.Delete(folder, recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemFdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
