using TorchSharp;
using Xunit;

namespace RecursiveMas.Models.Tests.Native;

/// <summary>Tests that count live tensors run alone.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class LiveTensors
{
    public const string Collection = "Live tensors";

    /// <summary>Runs an action several times; afterwards no more tensors may be alive than before.</summary>
    public static void Unchanged(Action action)
    {
        action();
        for (int i = 0; i < 3; i++)
        {
            long before = torch.Tensor.TotalCount;
            action();
            long left = torch.Tensor.TotalCount - before;
            Assert.True(left <= 0, $"{left} tensors are left over.");
        }
    }
}
