using RecursiveMas.Native;
using RecursiveMas.Testing;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Native;

[Collection(LiveTensors.Collection)]
public sealed class WorkingMemoryTests
{
    [Fact]
    public void What_a_layer_frees_is_there_for_the_next_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pages are counted by Linux.");
        Assert.SkipWhen(ProcessMemory.HasOwnThresholds(Environment.GetEnvironmentVariable), "The heap is set from outside.");
        const int Smallest = 128 << 10; // where glibc begins
        try
        {
            ProcessMemory.SetThresholds(Smallest, Smallest);
            long each = FaultsOfLayers();
            ProcessMemory.SetThresholds(ProcessMemory.LargestOfHeap, ProcessMemory.KeptFree);
            long kept = FaultsOfLayers();
            Assert.True(kept < each / 4, $"{each} page faults where memory goes back, {kept} where it stays.");
        }
        finally
        {
            ProcessMemory.SetThresholds(ProcessMemory.LargestOfHeap, ProcessMemory.KeptFree);
        }
    }

    [Theory]
    [InlineData("MALLOC_TRIM_THRESHOLD_", "1", true)]
    [InlineData("MALLOC_MMAP_THRESHOLD_", "65536", true)]
    [InlineData("GLIBC_TUNABLES", "glibc.malloc.check=1:glibc.malloc.mmap_threshold=65536", true)]
    [InlineData("GLIBC_TUNABLES", "glibc.malloc.check=1", false)]
    [InlineData("MALLOC_ARENA_MAX", "2", false)]
    public void Thresholds_from_outside_are_seen(string name, string value, bool own) =>
        Assert.Equal(own, ProcessMemory.HasOwnThresholds(asked => asked == name ? value : null));

    private static long FaultsOfLayers()
    {
        Layer();
        long before = Faults();
        for (int i = 0; i < 20; i++)
            Layer();
        return Faults() - before;
    }

    /// <summary>Six results of 8 MiB, as those of a layer that reads a prompt.</summary>
    private static void Layer()
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < 6; i++)
            ones(2 << 20);
    }

    /// <summary>Pages that the system has mapped for this process without reading a file.</summary>
    private static long Faults() => long.Parse(
        File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[7],
        System.Globalization.CultureInfo.InvariantCulture);
}
