using RecursiveMas.Native;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests;

public class NativeLoaderTests
{
    private const string Complaint = "version `GLIBCXX_3.4.32' not found (required by libLibTorchSharp.so)";

    [Fact]
    public void Torch_computes_on_this_machine()
    {
        RecursiveMasRuntime.Initialize();
        RecursiveMasRuntime.Initialize();
        using var scope = NewDisposeScope();
        Assert.Equal(6f, tensor(new[] { 1f, 2f, 3f }).sum().item<float>());
    }

    [Fact]
    public void A_library_that_loads_is_left_alone()
    {
        var machine = new FakeMachine(FakeMachine.Sharp());
        new TorchNativeLoader(machine).Load();
        Assert.Equal(["libc10.so", "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so"], machine.Loaded);
        Assert.Null(machine.Copy);
        Assert.Equal("1000", machine.Variables["GOMP_SPINCOUNT"]);
    }

    [Fact]
    public void A_library_that_wants_a_newer_runtime_is_loaded_from_a_copy_with_a_weak_need()
    {
        byte[] original = FakeMachine.Sharp();
        var machine = new FakeMachine(original) { SharpComplaint = Complaint };
        new TorchNativeLoader(machine).Load();
        Assert.NotNull(machine.Copy);
        (int Index, byte Before, byte After)[] changed =
        [
            .. original.Select((value, index) => (index, value, machine.Copy![index])).Where(byteAt => byteAt.value != byteAt.Item3),
        ];
        (int _, byte before, byte after) = Assert.Single(changed);
        Assert.Equal(2, after & ~before);
        ElfVersionNeeds needs = ElfVersionNeeds.TryParse(original)!;
        Assert.Contains("GLIBCXX_3.4.32", needs.Versions);
    }

    [Fact]
    public void Another_complaint_is_passed_on()
    {
        var machine = new FakeMachine(FakeMachine.Sharp()) { SharpComplaint = "cannot allocate memory" };
        NativeLibraryException error = Assert.Throws<NativeLibraryException>(() => new TorchNativeLoader(machine).Load());
        Assert.Contains("cannot allocate memory", error.Message, StringComparison.Ordinal);
        Assert.Null(machine.Copy);
    }

    [Fact]
    public void Without_libtorch_the_package_is_named()
    {
        var machine = new FakeMachine(null);
        NativeLibraryException error = Assert.Throws<NativeLibraryException>(() => new TorchNativeLoader(machine).Load());
        Assert.Contains("TorchSharp-cpu", error.Message, StringComparison.Ordinal);
        Assert.Contains("libc10.so", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Libraries_of_an_application_in_one_file_lie_where_they_were_extracted_to()
    {
        string[] names = ["libc10.so", "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so"];
        string[] extracted = [.. names.Select(name => $"/home/.net/app/1/{name}")];
        var machine = new FakeMachine(null, extracted) { NativeFolders = ["/nowhere", "/home/.net/app/1"] };
        new TorchNativeLoader(machine).Load();
        Assert.Equal(extracted, machine.LoadedPaths);
    }

    [Fact]
    public void A_users_spin_count_stays()
    {
        var machine = new FakeMachine(FakeMachine.Sharp());
        machine.Variables["GOMP_SPINCOUNT"] = "7";
        new TorchNativeLoader(machine).Load();
        Assert.Equal("7", machine.Variables["GOMP_SPINCOUNT"]);
    }

    [Fact]
    public void An_external_folder_goes_first()
    {
        var machine = new FakeMachine(FakeMachine.Sharp(), "/ext/libc10.so", "/ext/libtorch_cpu.so", "/ext/libtorch.so", "/ext/libtorch_cuda.so");
        machine.Variables[TorchNativeLoader.FolderVariable] = "/ext";
        new TorchNativeLoader(machine).Load();
        Assert.Equal(["/ext/libc10.so", "/ext/libtorch_cpu.so", "/ext/libtorch_cuda.so", "/ext/libtorch.so"], machine.LoadedPaths.Take(4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Other_platforms_use_TorchSharps_own_search(bool windows)
    {
        var machine = new FakeMachine(null) { IsLinux = false, IsWindows = windows };
        new TorchNativeLoader(machine).Load();
        Assert.Empty(machine.Loaded);
        Assert.Empty(machine.Variables);
    }

    [Fact]
    public void On_windows_an_external_folder_without_libtorch_is_refused()
    {
        var machine = new FakeMachine(null) { IsLinux = false, IsWindows = true };
        machine.Variables[TorchNativeLoader.FolderVariable] = "C:/nothing";
        NativeLibraryException error = Assert.Throws<NativeLibraryException>(() => new TorchNativeLoader(machine).Load());
        Assert.Contains("c10.dll", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void On_Linux_too()
    {
        var machine = new FakeMachine(FakeMachine.Sharp());
        machine.Variables[TorchNativeLoader.FolderVariable] = "/nothing";
        NativeLibraryException error = Assert.Throws<NativeLibraryException>(() => new TorchNativeLoader(machine).Load());
        Assert.Contains("'/nothing', which has no libtorch_cpu.so", error.Message, StringComparison.Ordinal);
        Assert.Empty(machine.Loaded);
    }

    [Fact]
    public void A_copy_that_cannot_be_loaded_is_no_missing_package()
    {
        var machine = new FakeMachine(FakeMachine.Sharp()) { SharpComplaint = Complaint, CopyComplaint = "Operation not permitted" };
        NativeLibraryException error = Assert.Throws<NativeLibraryException>(() => new TorchNativeLoader(machine).Load());
        Assert.Contains("TMPDIR", error.Message, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("package", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_needs_no_folder_that_may_be_written_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone loads copies.");
        string? before = Environment.GetEnvironmentVariable("TMPDIR");
        Environment.SetEnvironmentVariable("TMPDIR", "/nonexistent");
        try
        {
            var machine = new ProcessEnvironment();
            byte[] library = File.ReadAllBytes(File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
                .First(path => Path.GetFileName(path).StartsWith("libgcc_s", StringComparison.Ordinal)));
            Assert.False(machine.TryLoadCopy("libnothing.so", [1, 2, 3], out string? error));
            Assert.NotNull(error);
            Assert.True(machine.TryLoadCopy("libgcc_s.so.1", library, out error), error);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", before);
        }
    }

    [Fact]
    public void Damaged_images_are_no_ELF_files()
    {
        byte[] image = FakeMachine.Sharp();
        Assert.Null(ElfVersionNeeds.TryParse([]));
        Assert.Null(ElfVersionNeeds.TryParse([1, 2, 3]));
        Assert.Null(ElfVersionNeeds.TryParse(image[..(image.Length / 2)]));
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = (byte[])image.Clone();
            for (int k = 0; k < 40; k++)
                damaged[random.Next(4096)] = (byte)random.Next(256);
            ElfVersionNeeds.TryParse(damaged)?.Weaken("GLIBCXX_3.4.32");
        }
    }

    private sealed class FakeMachine(byte[]? sharp, params string[] files) : INativeEnvironment
    {
        private readonly HashSet<string> _files =
        [
            .. files,
            .. sharp is null ? Array.Empty<string>() : ["/app/libc10.so", "/app/libtorch_cpu.so", "/app/libtorch.so", "/app/libLibTorchSharp.so"],
        ];

        public string? SharpComplaint { get; init; }

        public string? CopyComplaint { get; init; }

        public Dictionary<string, string> Variables { get; } = [];

        public List<string> LoadedPaths { get; } = [];

        public IEnumerable<string> Loaded => LoadedPaths.Select(path => Path.GetFileName(path));

        public byte[]? Copy { get; private set; }

        public bool IsLinux { get; init; } = true;

        public bool IsWindows { get; init; }

        public string BaseDirectory => "/app";

        public IReadOnlyList<string> NativeFolders { get; init; } = [];

        public string RuntimeIdentifier => "linux-x64";

        public static byte[] Sharp() => File.ReadAllBytes(
            new[] { "", "runtimes/linux-x64/native" }.Select(place => Path.Combine(AppContext.BaseDirectory, place, "libLibTorchSharp.so")).First(File.Exists));

        public string? GetVariable(string name) => Variables.GetValueOrDefault(name);

        public void SetProcessVariable(string name, string value) => Variables[name] = value;

        public bool FileExists(string path) => _files.Contains(path.Replace('\\', '/'));

        public byte[] ReadFile(string path) => (byte[])sharp!.Clone();

        public bool TryLoad(string pathOrName, out string? error)
        {
            bool isSharp = pathOrName.EndsWith("LibTorchSharp.so", StringComparison.Ordinal);
            error = !_files.Contains(pathOrName) ? $"{pathOrName}: no such file" : isSharp ? SharpComplaint : null;
            if (error is null)
                LoadedPaths.Add(pathOrName);
            return error is null;
        }

        public bool TryLoadCopy(string fileName, byte[] image, out string? error)
        {
            Copy = image;
            error = CopyComplaint;
            return error is null;
        }
    }
}
