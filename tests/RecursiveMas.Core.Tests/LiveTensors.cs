using Xunit;

namespace RecursiveMas.Core.Tests;

/// <summary>Tests that count live tensors run alone.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class LiveTensors
{
    public const string Collection = "Live tensors";
}
