using RecursiveMas.Memory;
using RecursiveMas.Models.Tests.Checkpoints;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>What there is of memory, on machines that consist of a few files.</summary>
public sealed class HostMemoryTests : IDisposable
{
    private const long GiB = 1L << 30;
    private readonly TemporaryFolder _machine = new();

    [Fact]
    public void The_machine_alone()
    {
        Write("proc/meminfo", "MemTotal:       24683620 kB\nMemFree:        1024 kB\nMemAvailable:   8388608 kB\nBuffers: 13140 kB\n");
        Assert.Equal(8 * GiB, Find()!.Available);
        Assert.Contains("this machine", Find()!.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_known_without_the_files()
    {
        Assert.Null(Find());
        Write("proc/meminfo", "MemAvailable: plenty\n");
        Assert.Null(Find());
    }

    [Theory]
    [InlineData("6442450944", "max", 4 * GiB)] // 6 GiB, 3 used, of them 1 of file cache
    [InlineData("max", "max", 8 * GiB)]
    [InlineData("max", "5368709120", 3 * GiB)]
    [InlineData("1073741824", "max", 0)]
    public void Version_2(string most, string high, long available)
    {
        Write("proc/meminfo", "MemAvailable:   8388608 kB\n");
        Write("proc/self/cgroup", "0::/system.slice/app.service\n");
        Write("proc/self/mountinfo", "30 22 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
        Unified("sys/fs/cgroup/system.slice/app.service", most, high, 3 * GiB, GiB);
        Unified("sys/fs/cgroup/system.slice", "max", "max", 3 * GiB, GiB);
        Assert.Equal(available, Find()!.Available);
    }

    [Fact]
    public void An_ancestor_may_be_the_tightest()
    {
        Write("proc/meminfo", "MemAvailable:   8388608 kB\n");
        Write("proc/self/cgroup", "0::/a/b/c\n");
        Write("proc/self/mountinfo", "30 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        Unified("sys/fs/cgroup/a/b/c", (6 * GiB).ToString(System.Globalization.CultureInfo.InvariantCulture), "max", 0, 0);
        Unified("sys/fs/cgroup/a", (4 * GiB).ToString(System.Globalization.CultureInfo.InvariantCulture), "max", 3 * GiB, 0);
        Assert.Equal(GiB, Find()!.Available);
        Assert.Contains("'/a'", Find()!.Where, StringComparison.Ordinal);
        Assert.Contains("4.0 GiB", Find()!.Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/docker/1", "sys/fs/cgroup/memory/docker/1")] // seen from the host
    [InlineData("/docker/1", "/docker/1", "sys/fs/cgroup/memory")] // a container that shows its own part of the tree
    [InlineData("/", "/", "sys/fs/cgroup/memory")] // a name space of control groups
    [InlineData("/", "/../2", "sys/fs/cgroup/memory")] // a group outside of the name space
    public void Version_1(string mountRoot, string path, string folder)
    {
        Write("proc/meminfo", "MemAvailable:   8388608 kB\n");
        Write("proc/self/cgroup", $"9:name=systemd:/\n5:cpu,cpuacct:/other\n4:hugetlb,memory:{path}\n0::/\n");
        Write("proc/self/mountinfo", $"31 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n34 30 0:31 {mountRoot} /sys/fs/cgroup/memory rw,relatime - " +
            "cgroup cgroup rw,memory\n40 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
        Assert.Equal(8 * GiB, Find()!.Available);
        Write($"{folder}/memory.limit_in_bytes", $"{4 * GiB}\n");
        Write($"{folder}/memory.usage_in_bytes", $"{3 * GiB}\n");
        Write($"{folder}/memory.stat", $"cache 7\ninactive_file 5\ntotal_active_file {GiB / 2}\ntotal_inactive_file {GiB / 2}\n");
        Assert.Equal(2 * GiB, Find()!.Available);
    }

    [Fact]
    public void This_machine_tells()
    {
        HostMemory? now = HostMemory.Now();
        Assert.SkipWhen(now is null, "This system does not tell.");
        Assert.InRange(now!.Available, 1, 1L << 50);
    }

    public void Dispose() => _machine.Dispose();

    private HostMemory? Find() => HostMemory.FromLinux(_machine.Folder.Name);

    private void Unified(string folder, string most, string high, long used, long cached)
    {
        Write($"{folder}/memory.max", most + "\n");
        Write($"{folder}/memory.high", high + "\n");
        Write($"{folder}/memory.current", $"{used}\n");
        Write($"{folder}/memory.stat", $"anon 1\nfile 77\nactive_file {cached / 2}\ninactive_file {cached / 2}\n");
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_machine.Path(file))!);
        _machine.Write(file, text);
    }
}
