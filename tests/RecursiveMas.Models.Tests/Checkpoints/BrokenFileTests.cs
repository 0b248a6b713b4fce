using RecursiveMas.Checkpoints;
using RecursiveMas.Generation.Sampling;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using RecursiveMas.Weights.Manifests;
using Xunit;

namespace RecursiveMas.Models.Tests.Checkpoints;

/// <summary>
/// Files that are there and are not what they should be: links to nowhere, pointers of Git LFS, pages of a server. Every reader says what it is.
/// </summary>
[Collection(LiveTensors.Collection)]
public class BrokenFileTests
{
    private const string Repository = "models--Example--Tiny", Commit = "0123456789abcdef0123456789abcdef01234567";

    // What reads each file, given the folder.
    private static readonly Dictionary<string, Action<CheckpointFolder>> s_readers = new(StringComparer.Ordinal)
    {
        ["config.json"] = folder => CausalLanguageModel.Load(folder).Dispose(),
        ["model.safetensors"] = folder => WeightFiles.Open(folder).Dispose(),
        ["model.safetensors.index.json"] = folder => WeightFiles.Open(folder).Dispose(),
        ["tokenizer.json"] = folder => HuggingFaceTokenizer.Load(folder),
        ["tokenizer_config.json"] = folder => HuggingFaceTokenizer.Load(folder),
        ["special_tokens_map.json"] = folder => HuggingFaceTokenizer.Load(folder),
        ["added_tokens.json"] = folder => HuggingFaceTokenizer.Load(folder),
        ["chat_template.jinja"] = folder => ChatTemplateSet.Load(folder),
        ["chat_template.json"] = folder => ChatTemplateSet.Load(folder),
        ["generation_config.json"] = folder => ModelSamplingDefaults.Read(folder),
        ["adapter.pt"] = folder => LinkFile.Read(folder, "adapter.pt"),
        ["adapter.pt.safetensors"] = folder => LinkFile.Read(folder, "adapter.pt"),
        ["adapter.safetensors"] = folder => LinkFile.ReadInfo(folder, "adapter.safetensors"),
        ["adapter_config.json"] = folder => InnerLinkManifest.Resolve(folder, "math"),
        ["innerlink_config.json"] = folder => InnerLinkManifest.Resolve(folder, "math"),
        ["outerlink_config.json"] = folder => OuterLinkManifest.Read(folder),
    };

    public static TheoryData<string> Names() => [.. s_readers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void LinksToNowhereAreDownloadsToComplete(string file)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        foreach (string kind in new[] { "missing", "half", "relative", "loop", "in progress" })
        {
            using var cache = new TemporaryFolder();
            string snapshot = cache.Path($"{Repository}/snapshots/{Commit}"), blobs = cache.Path($"{Repository}/blobs");
            Directory.CreateDirectory(snapshot);
            Directory.CreateDirectory(blobs);
            Prepare(snapshot, file);
            string path = Path.Combine(snapshot, file);
            if (kind is "half" or "in progress")
                File.WriteAllText(Path.Combine(blobs, "aaaa.incomplete"), "{");
            File.CreateSymbolicLink(path, kind switch
            {
                "loop" => file,
                "relative" => "blobs/aaaa",
                "in progress" => "../../blobs/aaaa.incomplete",
                _ => "../../blobs/aaaa",
            });

            CheckpointException error = Refusal(() => s_readers[file](CheckpointFolder.FromDirectory(snapshot)), $"{file}, {kind}");
            Assert.Equal(path, error.File);
            Assert.Contains("Complete the download", error.Message, StringComparison.Ordinal);
            Assert.Equal(kind == "half" || kind == "in progress", error.Message.Contains("broken off", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void LinksToFilesAreFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        using var cache = new TemporaryFolder();
        Directory.CreateDirectory(cache.Path("blobs"));
        cache.Write("blobs/aaaa", "{\"a\": 1}");
        Directory.CreateDirectory(cache.Path("snapshot"));
        File.CreateSymbolicLink(cache.Path("snapshot/once"), "../blobs/aaaa");
        File.CreateSymbolicLink(cache.Path("snapshot/twice"), "once");
        File.CreateSymbolicLink(cache.Path("snapshot/folder"), "../blobs");
        var folder = CheckpointFolder.FromDirectory(cache.Path("snapshot"));
        foreach (string file in new[] { "once", "twice" })
        {
            Assert.True(folder.Contains(file));
            Assert.Equal(8, folder.GetLength(file));
            Assert.Equal(1, CheckpointJson.ReadObject(folder, file).GetProperty("a").GetInt32());
        }

        Assert.False(folder.Contains("folder"));
        Assert.False(folder.Contains("none"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PointersOfGitLfsAreSaidByName(string file)
    {
        // The pointers of the case, each at a place of its kind.
        string source = Path.GetExtension(file) switch { ".pt" => "link.pt", ".safetensors" => "model.safetensors", _ => "tokenizer.json" };
        CheckpointException error = ReadInstead(file, File.ReadAllBytes(Goldens.Folder("cases", "lfs-pointer", source)));
        foreach (string part in new[] { "Git LFS", "11,422,654", "git lfs pull" })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Sign in</body></html>", "web page")]
    [InlineData("<html>", "web page")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "web page")]
    [InlineData("version https://hawser.github.com/spec/v1\noid sha256:00\nsize 7\n", "Git LFS")]
    [InlineData("\0\u0005\u0016\u0007\0\u0002\0\0Mac OS X        ", "AppleDouble")]
    public void WhatStandsInTheFilesPlaceIsSaidByName(string content, string word)
    {
        foreach (string file in s_readers.Keys)
            Assert.Contains(word, ReadInstead(file, System.Text.Encoding.UTF8.GetBytes(content)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShortAndSimilarFilesAreTakenAsTheyAre()
    {
        using var temporary = new TemporaryFolder();
        foreach (string content in new[] { "", "<", "version", "<|im_start|>", "version https://git-lfs.github.com/spec/" + new string('x', 1024) })
        {
            temporary.Write("chat_template.jinja", content);
            Assert.Equal(content, ChatTemplateSet.Load(temporary.Folder).Get().Render(new Dictionary<string, object?>()));
        }
    }

    [Fact]
    public void FilesThatMacOsAddsAreNotThere()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("chat_template.jinja", "real");
        Directory.CreateDirectory(temporary.Path("additional_chat_templates"));
        foreach (string file in new[] { "._model.safetensors", "._chat_template.jinja", "._adapter.pt", "additional_chat_templates/._x.jinja" })
            temporary.Write(file, [0, 5, 0x16, 7, 0xff]);
        Assert.Equal(["chat_template.jinja"], temporary.Folder.Files);
        Assert.Equal(["default"], ChatTemplateSet.Load(temporary.Folder).Names);
        Assert.DoesNotContain(
            "._",
            Assert.Throws<CheckpointException>(() => InnerLinkManifest.Resolve(temporary.Folder, null)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Complete the download",
            Assert.Throws<CheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose()).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"adapters\": [{\"legacy_key\": \"\\ud800\"}]}")]
    [InlineData("{\"adapters\": [], \"\\udc00x\": 1}")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("{\"a\": ")]
    [InlineData("[]")]
    public void DamagedJsonIsSaidByName(string json)
    {
        foreach (string file in s_readers.Keys.Where(name => name.EndsWith(".json", StringComparison.Ordinal)))
            ReadInstead(file, System.Text.Encoding.UTF8.GetBytes(json));
    }

    [Fact]
    public void WhatTheSystemRefusesHasAName()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The files lie in /proc.");
        var process = CheckpointFolder.FromDirectory("/proc/self");
        CheckpointException read = Assert.Throws<CheckpointException>(() => process.OpenRead("mem"));
        Assert.Equal("/proc/self/mem", read.File);
        Assert.IsType<IOException>(read.InnerException, exactMatch: false);
        Assert.Throws<CheckpointException>(() => CheckpointFolder.FromDirectory("/proc/self/none"));
        Assert.Contains(
            "x.pt",
            Assert.Throws<CheckpointException>(() => CheckpointConverter.LinkToPt(Goldens.Folder("pt", "inner_16_fp32.pt"), "/proc/x.pt")).Message,
            StringComparison.Ordinal);
        CheckpointException written = Assert.Throws<CheckpointException>(() =>
            CheckpointConverter.ToSafetensors(
                Goldens.Folder("pt", "inner_16_fp32.pt"),
                "/no/such/folder/x.safetensors",
                cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("/no/such/folder/x.safetensors", written.File);
    }

    [Fact]
    public void FilesThatShrinkWhileTheyAreReadAreSaidByName()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems do not let an open file be cut.");
        using var temporary = new TemporaryFolder();
        temporary.Write("a", new byte[100_000]);
        using Stream stream = temporary.Folder.OpenRead("a");
        using (System.Diagnostics.Process cut = System.Diagnostics.Process.Start("truncate", ["-s", "10", temporary.Path("a")]))
            cut.WaitForExit();
        stream.Position = 50_000;
        Assert.Contains("100,000", Assert.Throws<CheckpointException>(() => stream.ReadExactly(new byte[10])).Message, StringComparison.Ordinal);
    }

    // Files that the reader needs before it comes to the one in question.
    private static void Prepare(string folder, string file)
    {
        string source = Goldens.Folder("cases", "added-tokens-json-only");
        if (file is not ("tokenizer.json" or "config.json"))
            File.Copy(Path.Combine(source, "tokenizer.json"), Path.Combine(folder, "tokenizer.json"));
        if (file is not "tokenizer_config.json" && file.StartsWith("added", StringComparison.Ordinal))
            File.Copy(Path.Combine(source, "tokenizer_config.json"), Path.Combine(folder, "tokenizer_config.json"));
        if (file is "adapter_config.json" or "innerlink_config.json")
            File.WriteAllBytes(Path.Combine(folder, "adapter.pt"), [0]);
        if (file == "adapter.pt.safetensors")
            File.Copy(Goldens.Folder("pt", "inner_16_fp32.pt"), Path.Combine(folder, "adapter.pt"));
    }

    private static CheckpointException ReadInstead(string file, byte[] content)
    {
        using var temporary = new TemporaryFolder();
        Prepare(temporary.Path(""), file);
        temporary.Write(file, content);
        CheckpointException error = Refusal(() => s_readers[file](temporary.Folder), file);
        Assert.Equal(temporary.Path(file), error.File);
        return error;
    }

    private static CheckpointException Refusal(Action read, string what)
    {
        Exception? error = Record.Exception(read);
        return error as CheckpointException ?? throw new Xunit.Sdk.XunitException($"{what}: {error?.ToString() ?? "nothing was thrown"}");
    }
}
