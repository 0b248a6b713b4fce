using System.Diagnostics;
using System.Globalization;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Random tokenizer files and texts: typed exceptions only, and no hang. RECURSIVEMAS_FUZZ_CASES sets their number, for example 1000000.</summary>
[Trait("Category", "Long")]
public sealed class FuzzTests
{
    private const int UsualCases = 20_000;
    private const int CasesPerSeed = 500;

    [Fact]
    public void RandomFilesAndTextsRaiseOnlyTypedExceptions()
    {
        string folder = Goldens.Folder("tokenizers", "tiny");
        byte[][] files =
        [
            .. Directory.EnumerateFiles(folder, "tokenizer.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        ];
        Goldens.NotEmpty(files, folder);
        int cases = int.TryParse(Environment.GetEnvironmentVariable("RECURSIVEMAS_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
            ? wanted
            : UsualCases;
        int loaded = 0;
        Parallel.For(0, (cases + CasesPerSeed - 1) / CasesPerSeed, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var random = new Random(seed);
            var mutator = new TokenizerMutator(files, random);
            for (int i = 0; i < CasesPerSeed; i++)
            {
                if (Try(mutator.Next(), random, $"seed {seed}, case {i}"))
                    Interlocked.Increment(ref loaded);
            }
        });

        // Otherwise the fuzzer would only exercise the reader.
        Assert.True(loaded > cases / 10, $"Only {loaded} of {cases} damaged files could be loaded.");
    }

    [Fact]
    public void RandomConfigurationsRaiseOnlyTypedExceptions()
    {
        string[] folders = [.. Directory.EnumerateDirectories(Goldens.Folder("models"))
            .Where(folder => File.Exists(Path.Combine(folder, "tokenizer.json")))
            .Order(StringComparer.Ordinal)];
        Goldens.NotEmpty(folders, "models");
        byte[][] configs = [.. folders
            .SelectMany(folder => new[] { "tokenizer_config.json", "config.json" }.Select(name => Path.Combine(folder, name)))
            .Where(File.Exists)
            .Select(File.ReadAllBytes)];
        var random = new Random(77);
        var mutator = new TokenizerMutator(configs, random);
        using var target = new TemporaryFolder();
        int loaded = 0;
        for (int i = 0; i < 1000; i++)
        {
            File.Copy(Path.Combine(folders[i % folders.Length], "tokenizer.json"), Path.Combine(target.Path, "tokenizer.json"), overwrite: true);
            foreach (string name in new[] { "tokenizer_config.json", "config.json", "special_tokens_map.json" })
                File.WriteAllBytes(Path.Combine(target.Path, name), random.Next(4) == 0 ? configs[random.Next(configs.Length)] : mutator.Next());
            try
            {
                Use(HuggingFaceTokenizer.Load(target.Path), random);
                loaded++;
            }
            catch (RecursiveMasException)
            {
                // What a damaged file is for.
            }
        }

        Assert.True(loaded > 50, $"Only {loaded} of 1000 could be loaded.");
    }

    private static bool Try(byte[] file, Random random, string name)
    {
        bool loaded = false;
        long start = Stopwatch.GetTimestamp();
        try
        {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.FromBytes(file, name);
            loaded = true;
            Use(tokenizer, random);
        }
        catch (RecursiveMasException)
        {
            // What a damaged file is for.
        }
        catch (Exception error)
        {
            Assert.Fail($"{name}: {error}");
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        Assert.True(elapsed < TimeSpan.FromSeconds(30), $"{name} took {elapsed}.");
        return loaded;
    }

    private static void Use(HuggingFaceTokenizer tokenizer, Random random)
    {
        string text = Text(random);
        int[] ids = tokenizer.Encode(text, addSpecialTokens: true);
        tokenizer.Encode(text, addSpecialTokens: false, parseSpecialTokens: false);
        tokenizer.Encode(text, addSpecialTokens: false, [0..(text.Length / 2)]);
        EncodedText tracked = tokenizer.EncodeWithOffsets(text, addSpecialTokens: true);
        Assert.Equal(ids, tracked.Ids);
        Assert.All(tracked.Offsets, offset => Assert.True(offset.Start >= 0 && offset.Start <= offset.End && offset.End <= text.Length));
        int[] drawn = [.. ids.Take(20), .. Enumerable.Range(0, 10).Select(_ => random.Next(-2, 700))];
        tokenizer.Decode(drawn, skipSpecialTokens: true);
        IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
        foreach (int id in drawn)
            decoder.Append(id);
        decoder.Finish();
    }

    private static string Text(Random random)
    {
        string[] parts =
        [
            "Hello", " world", "<|im_end|>", "<s>", "\u2581", "caf\u00e9", "e\u0301", "\uD83D\uDE00", "\uD800", "  ", "\n\n", "123", "'s",
            "aaaaaaaaaaaaaaaaaaaaaaaa", "\u4F60\u597D", "<0x41>", "word", "\u0130", "#@-|.!", "\0",
        ];
        return string.Concat(
            Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(5) == 0 ? ((char)random.Next(0x10000)).ToString() : parts[random.Next(parts.Length)]));
    }
}
