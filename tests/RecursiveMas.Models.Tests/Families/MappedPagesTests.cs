using System.Globalization;
using RecursiveMas.Models.Tests.Native;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>What stays of a mapped file in the process once its weights have been laid out anew, and what stays of a model that was unloaded.</summary>
[Collection(LiveTensors.Collection)]
public class MappedPagesTests
{
    [Theory]
    [InlineData("llama", ModelDtype.BFloat16, true)]
    [InlineData("llama", ModelDtype.BFloat16, false)]
    [InlineData("llama", ModelDtype.Float32, true)]
    [InlineData("qwen2", ModelDtype.Float32, true)]
    [InlineData("gemma3_text", ModelDtype.BFloat16, true)]
    [InlineData("qwen3_5_text", ModelDtype.BFloat16, true)]
    public void Pages_of_repacked_weights_are_let_go_and_embeddings_are_still_right(string family, ModelDtype dtype, bool tied)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident pages of a file are told by Linux.");
        using TinyCheckpoint checkpoint = MemoryEstimateTests.Large(family, tied);
        string path = Path.Combine(checkpoint.Folder.Name, "model.safetensors");
        using ICausalLanguageModel packed = checkpoint.Load(new ModelLoadOptions { Dtype = dtype, Weights = WeightFormat.Packed });
        long stored = new FileInfo(path).Length, left = ResidentPages(path);
        Assert.True(left < stored / 20, $"{left:N0} of the file's {stored:N0} bytes are still in memory");

        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor ids = tensor(new long[] { 0, 1, 77, 9000, 15_999 });
        using ICausalLanguageModel plain = CausalLanguageModel.Load(
            checkpoint.Folder, new ModelLoadOptions { Dtype = dtype, Weights = WeightFormat.Plain }, cancellationToken: TestContext.Current.CancellationToken);
        Tensor embedded = packed.Embed(ids);
        Assert.True(embedded.equal(plain.Embed(ids)).all().ToBoolean());
        Tensor ours = packed.Read(embedded).flatten().to_type(float32), theirs = plain.Read(embedded).flatten().to_type(float32);
        Assert.InRange(nn.functional.cosine_similarity(ours, theirs, dim: 0).ToDouble(), 0.999, 1.001);
    }

    [Fact]
    public void A_model_that_was_unloaded_leaves_no_memory_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The size of the process's own memory is told by Linux.");
        using TinyCheckpoint checkpoint = MemoryEstimateTests.Large("llama");
        checkpoint.Save();
        void LoadAndUnload()
        {
            var options = new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Packed };
            using var model = CausalLanguageModel.Load(checkpoint.Folder, options);
            long taken = CausalLanguageModel.EstimateMemory(checkpoint.Folder, options).PrivateWeights;
            Assert.InRange(taken, 100 << 20, 400 << 20);
        }

        LoadAndUnload();
        long left = long.MaxValue;
        // What earlier tests left to the collector may come and go meanwhile.
        for (int attempt = 0; attempt < 5 && left > 16 << 20; attempt++)
        {
            long before = PrivateBytes();
            LoadAndUnload();
            left = PrivateBytes() - before;
        }

        Assert.True(left <= 16 << 20, $"{left:N0} bytes stay");
    }

    /// <summary>Bytes of the mappings of a file that are in this process's memory.</summary>
    private static long ResidentPages(string path)
    {
        bool inside = false;
        long sum = 0;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            // A mapping begins with its addresses and ends with its file.
            if (line.Split(' ', 2)[0].Contains('-', StringComparison.Ordinal))
                inside = line.EndsWith(path, StringComparison.Ordinal);
            else if (inside && line.StartsWith("Rss:", StringComparison.Ordinal))
                sum += Kilobytes(line);
        }

        return sum;
    }

    private static long PrivateBytes() => Kilobytes(File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)));

    private static long Kilobytes(string line) =>
        1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
}
