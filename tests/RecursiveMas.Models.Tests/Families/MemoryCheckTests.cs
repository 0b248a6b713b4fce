using Microsoft.Extensions.Logging;
using RecursiveMas.Memory;
using RecursiveMas.Models.Tests.Native;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>A model that does not fit into memory, and one that is larger than it would have to be.</summary>
[Collection(LiveTensors.Collection)]
public class MemoryCheckTests
{
    [Fact]
    public void A_model_that_does_not_fit_is_refused_before_a_weight_is_read()
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        checkpoint.Save();
        MemoryEstimate estimate = CausalLanguageModel.EstimateMemory(checkpoint.Folder);
        long needed = Math.Max(estimate.LoadingPeak, estimate.ResidentWeights);
        ModelLoadOptions With(long bytes, MemoryCheck check) => new() { MemoryCheck = check, Host = () => new HostMemory(bytes, "this machine has") };
        long tensors = torch.Tensor.TotalCount;
        NotEnoughMemoryException error = Assert.Throws<NotEnoughMemoryException>(() => CausalLanguageModel.Load(
            checkpoint.Folder, With(needed - 1, MemoryCheck.Refuse), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(tensors, torch.Tensor.TotalCount);
        Assert.Equal((needed, needed - 1), (error.Needed, error.Available));
        Assert.Contains(nameof(ModelLoadOptions.MemoryCheck), error.Message, StringComparison.Ordinal);
        CausalLanguageModel.Load(checkpoint.Folder, With(needed, MemoryCheck.Refuse), cancellationToken: TestContext.Current.CancellationToken).Dispose();
        CausalLanguageModel.Load(checkpoint.Folder, With(0, MemoryCheck.None), cancellationToken: TestContext.Current.CancellationToken).Dispose();
        CausalLanguageModel.Load(
            checkpoint.Folder, new ModelLoadOptions { Host = () => null }, cancellationToken: TestContext.Current.CancellationToken).Dispose();
        var log = new Log();
        CausalLanguageModel.Load(checkpoint.Folder, With(0, MemoryCheck.Warn), log, cancellationToken: TestContext.Current.CancellationToken).Dispose();
        Assert.Contains(log.Warnings, warning => warning.Contains("needs about", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ModelDtype.Auto, torch.ScalarType.Float32)]
    [InlineData(ModelDtype.Float32, torch.ScalarType.Float32)]
    [InlineData(ModelDtype.Stored, torch.ScalarType.BFloat16)]
    public void Stored_weights_are_no_reason_for_a_warning(ModelDtype wanted, torch.ScalarType computed)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"), torch.ScalarType.BFloat16);
        checkpoint.Save();
        var log = new Log();
        using var model = CausalLanguageModel.Load(
            checkpoint.Folder, new ModelLoadOptions { Dtype = wanted }, log, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(computed, model.Dtype);
        Assert.Empty(log.Warnings);
    }

    private sealed class Log : ILogger
    {
        public List<string> Warnings { get; } = [];

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
                Warnings.Add(formatter(state, exception));
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
