using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Tracing;

/// <summary>What a trace says of a block.</summary>
public sealed class LatentBlockTests
{
    [Fact]
    public void Cosines_are_the_mean_over_the_steps()
    {
        using LatentBlock block = Block(3, 4, 0, 2), turned = Block(4, -3, 0, 1), opposite = Block(-6, -8, 0, 1);
        Assert.Equal(1, block.CosineTo(block)!.Value, 1e-6);
        Assert.Equal(0.5, block.CosineTo(turned)!.Value, 1e-6);
        Assert.Equal(0, block.CosineTo(opposite)!.Value, 1e-6);
        Assert.Equal(new VectorNorms(2, 3.5, 5), block.Norms());
    }

    [Fact]
    public void Where_there_is_no_cosine_none_is_said()
    {
        using LatentBlock block = Block(3, 4, 0, 2), zero = Block(3, 4, 0, 0), longer = Block(1, 1, 1, 1, 1, 1), empty = LatentBlock.Empty(2);
        Assert.Null(block.CosineTo(zero));
        Assert.Null(zero.CosineTo(block));
        Assert.Null(block.CosineTo(longer));
        Assert.Null(empty.CosineTo(empty));
        Assert.Equal(new VectorNorms(0, 0, 0), empty.Norms());
    }

    private static LatentBlock Block(params float[] values) => new(tensor(values).reshape(-1, 2).alias());
}
