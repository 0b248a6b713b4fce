using RecursiveMas.Shared;
using Xunit;

namespace RecursiveMas.Checkpoints.Tests;

/// <summary>Paths that no shell has expanded.</summary>
public class UserPathTests
{
    private static readonly string s_home = UserPath.Home;

    public static TheoryData<string, string> Homes() => new()
    {
        { "~", s_home },
        { "~/hf", s_home + "/hf" },
        { "~/a/~b", s_home + "/a/~b" },
        { "a~", "a~" },
        { "/x/~/y", "/x/~/y" },
        { "~nobody-of-this-name/x", "~nobody-of-this-name/x" },
        { "", "" },
    };

    [Theory]
    [MemberData(nameof(Homes))]
    public void HomeFolders(string path, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Written for the separators of other systems.");
        Assert.Equal(expected, UserPath.ExpandHome(path));
    }

    [Fact]
    public void HomeFoldersOfOtherUsers()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && File.ReadLines("/etc/passwd").Any(line => line.StartsWith("root:", StringComparison.Ordinal)),
            "Accounts are read from /etc/passwd.");
        string home = File.ReadLines("/etc/passwd").First(line => line.StartsWith("root:", StringComparison.Ordinal)).Split(':')[5];
        Assert.Equal(home.TrimEnd('/') + "/x", UserPath.ExpandHome("~root/x"));
    }

    [Fact]
    public void Variables()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "HOME is a variable of other systems.");
        string home = Environment.GetEnvironmentVariable("HOME") ?? "$HOME";
        Assert.Equal($"{home}/hf", UserPath.ExpandAll("$HOME/hf"));
        Assert.Equal($"/a{home}b", UserPath.ExpandAll("/a${HOME}b"));
        Assert.Equal($"{s_home}/{home}", UserPath.ExpandAll("~/$HOME"));
        Assert.Equal("$RECURSIVEMAS_NO_SUCH/${RECURSIVEMAS_NO_SUCH}/$/${}", UserPath.ExpandAll("$RECURSIVEMAS_NO_SUCH/${RECURSIVEMAS_NO_SUCH}/$/${}"));
        // The value of a variable is not looked through again.
        Assert.Equal("$HOME", UserPath.ExpandHome("$HOME"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    public void PathsThatAreNone(string? path)
    {
        Assert.Equal("folder", Assert.Throws<InvalidOptionException>(() => UserPath.Full(path, "folder")).Option);
        Assert.Throws<InvalidOptionException>(() => CheckpointFolder.FromDirectory(path!));
        Assert.Throws<InvalidOptionException>(() => CheckpointFolder.FromFile(path!, out _));
    }

    [Fact]
    public void AFileIsNoFolder()
    {
        string file = typeof(UserPathTests).Assembly.Location;
        Assert.Contains("is a file", Assert.Throws<CheckpointException>(() => CheckpointFolder.FromDirectory(file)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", Assert.Throws<InvalidOptionException>(() => UserPath.Full("a\0b")).Message, StringComparison.Ordinal);
        string endless = new('x', 1_000_000);
        Assert.InRange(Assert.Throws<InvalidOptionException>(() => UserPath.Full(endless)).Message.Length, 1, 500);
    }

    [Fact]
    public void FoldersOfAUserAreThoseBelowHisHome()
    {
        string missing = $"~/recursivemas-{Guid.NewGuid():N}";
        Assert.Equal(Path.GetFullPath(UserPath.ExpandHome(missing)), Assert.Throws<CheckpointException>(() => CheckpointFolder.FromDirectory(missing)).File);
        Assert.Equal(Path.GetFullPath(s_home), CheckpointFolder.FromFile("~/x.pt", out string file).Name);
        Assert.Equal("x.pt", file);
    }
}
