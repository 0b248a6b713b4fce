using FsCheck.Xunit;
using RecursiveMas.Repositories;

namespace RecursiveMas.Hub.Tests;

/// <summary>Names of repositories, files and revisions.</summary>
public class NamesTests
{
    [Theory]
    [InlineData("RecursiveMAS/Mixture-Outerlinks", "models--RecursiveMAS--Mixture-Outerlinks", "RecursiveMAS/Mixture-Outerlinks")]
    [InlineData("datasets/owner/name.x", "datasets--owner--name.x", "datasets/owner/name.x")]
    [InlineData("spaces/owner/name", "spaces--owner--name", "spaces/owner/name")]
    [InlineData("gpt2", "models--gpt2", "gpt2")]
    public void Repositories_are_read_and_written(string text, string folder, string written)
    {
        var repository = HubRepository.Parse(text);
        Assert.Equal(folder, repository.CacheFolder);
        Assert.Equal(written, repository.ToString());
        Assert.Equal(repository, HubRepository.FromCacheFolder(folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a--b/c")]
    [InlineData("a/b.git")]
    [InlineData("/b")]
    [InlineData("a/")]
    [InlineData("a b/c")]
    [InlineData("a\\b")]
    [InlineData("ä/b")]
    [InlineData("a/b\n")]
    [InlineData("a/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public void Impossible_repositories_are_refused(string text) => Assert.Throws<InvalidOptionException>(() => HubRepository.Parse(text));

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("..\\x")]
    [InlineData("a\\..\\x")]
    [InlineData("C:\\x")]
    [InlineData("C:x")]
    [InlineData("\\\\server\\share")]
    [InlineData("//server/share")]
    [InlineData("a/./b")]
    [InlineData("a/.. /x")]
    [InlineData("...")]
    [InlineData(" ")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("file:stream")]
    public void Names_that_leave_the_folder_are_refused(string path) => Assert.NotNull(RepositoryPath.Fault(path));

    [Theory]
    [InlineData("adapter(math).pt")]
    [InlineData("sub/deeper/file.txt")]
    [InlineData(".gitattributes")]
    [InlineData("..a/b..")]
    [InlineData("ä 漢字 .txt")]
    public void Other_names_are_fine(string path) => Assert.Null(RepositoryPath.Fault(path));

    /// <summary>Whatever the name: refused, or inside the folder under the rules of this system.</summary>
    [Property(MaxTest = 500)]
    public void No_accepted_name_leaves_the_folder(string text)
    {
        foreach (string path in new[] { text ?? "", "../" + text, text + "/..", text + "/../x" })
        {
            if (RepositoryPath.Fault(path) is null)
                Assert.StartsWith("/cache/", Path.GetFullPath(Path.Combine("/cache/", path)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999, "999 bytes")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(9_994_999, "9.99 MB")]
    [InlineData(9_996_000, "10.0 MB")]
    [InlineData(99_960_000, "100 MB")]
    [InlineData(999_600_000, "1.00 GB")]
    [InlineData(9_050_000_000, "9.05 GB")]
    [InlineData(long.MaxValue, "9.22 EB")]
    public void Sizes_have_three_digits(long bytes, string text) => Assert.Equal(text, ByteText.Of(bytes));

    [Fact]
    public async Task Filters_choose_weights_once_and_by_pattern()
    {
        string[] names =
        [
            "config.json",
            "model.safetensors",
            "pytorch_model.bin",
            "original/consolidated.00.pth",
            "model.Q4.gguf",
            "onnx/model.onnx",
            "sub/a.json",
        ];
        async Task<string[]> Choose(HubFileFilter filter, params string[] paths)
        {
            HubFile[] files = [.. paths.Select(path => new HubFile(path, 1, new string('0', 40), null))];
            return [.. (await filter.ChooseAsync(
                new HubListing(HubRepository.Parse("a/b"), "main", new string('0', 40), files),
                _ => throw new InvalidOperationException())).Select(file => file.Path)];
        }

        Assert.Equal(names, await Choose(HubFileFilter.All, names));
        Assert.Equal(["config.json", "model.safetensors", "sub/a.json"], await Choose(HubFileFilter.WeightsOnce, names));
        Assert.Equal(["config.json", "pytorch_model.bin"], await Choose(HubFileFilter.WeightsOnce, "config.json", "pytorch_model.bin"));
        Assert.Equal(["config.json", "sub/a.json"], await Choose(HubFileFilter.Patterns(["*.json"]), names));
        Assert.Equal(["config.json"], await Choose(HubFileFilter.Patterns(["*.json"], ["sub/*"]), names));
        Assert.Equal(["config.json"], await Choose(HubFileFilter.Of(files => files.Where(file => file.Path == "config.json")), names));
    }
}
