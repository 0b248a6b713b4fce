using System.Runtime.InteropServices;
using RecursiveMas.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Models.Tests.Native;

[Collection(LiveTensors.Collection)]
public sealed partial class GpuAttentionTests
{
    [Fact]
    public void Native_code_sees_what_is_set_and_what_was_set_before_stays()
    {
        string name = $"RECURSIVEMAS_TEST_{Guid.NewGuid():N}";
        Assert.Null(NativeVariable(name));
        GpuAttention.SetIfAbsent(name, "0");
        Assert.Equal("0", NativeVariable(name));
        GpuAttention.SetIfAbsent(name, "1");
        Assert.Equal("0", NativeVariable(name));
    }

    [Fact]
    public void Only_a_GPU_asks_for_kernels_of_any_length()
    {
        string? before = NativeVariable(GpuAttention.Preference);
        GpuAttention.Choose(torch.CPU);
        Assert.Equal(before, NativeVariable(GpuAttention.Preference));
        GpuAttention.Choose(new torch.Device(DeviceType.CUDA));
        Assert.Equal(before ?? "0", NativeVariable(GpuAttention.Preference));
    }

    private static string? NativeVariable(string name) =>
        Marshal.PtrToStringUTF8(OperatingSystem.IsWindows() ? WindowsVariable(name) : UnixVariable(name));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint UnixVariable(string name);

    [LibraryImport("ucrtbase", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint WindowsVariable(string name);
}
