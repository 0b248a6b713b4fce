using RecursiveMas.Native;
using RecursiveMas.Testing;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests;

public class NativeLoaderTests
{
    [Fact]
    public void Torch_computes_on_this_machine()
    {
        RecursiveMasRuntime.Initialize();
        using var scope = NewDisposeScope();
        Assert.Equal(6f, tensor(new[] { 1f, 2f, 3f }).sum().item<float>());
    }
}
