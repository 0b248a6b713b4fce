using System.Globalization;
using System.Numerics;
using RecursiveMas.DataSets.Random;
using RecursiveMas.DataSets.Sets;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

/// <summary>Orders that others' generators make, recorded from them.</summary>
public class RandomTests
{
    [Fact]
    public void Pythons_generator()
    {
        var random = new PythonRandom(42);
        Assert.Equal([2746317213u, 478163327u, 107420369u], [random.Next(), random.Next(), random.Next()]);
        Assert.Equal([7, 3, 2, 8, 5, 6, 9, 4, 0, 1], new PythonRandom(42).Shuffle(10));
        Assert.Equal([7, 8, 1, 5, 3, 4, 2, 0, 9, 6], new PythonRandom(0).Shuffle(10));
        Assert.Equal(new PythonRandom(5).Shuffle(10), new PythonRandom(-5).Shuffle(10));
    }

    [Theory]
    [InlineData(42, "What is 2+2?", "caad0b58a883ce79", new[] { 1, 3, 0, 2 })]
    [InlineData(42, "abc", "4be66b9eea68bf30", new[] { 1, 2, 0, 3 })]
    [InlineData(7, "What is 2+2?", "f4d2b96538f690ae", new[] { 3, 0, 1, 2 })]
    [InlineData(42, "Which particle mediates the weak force?", "ce417bdbb5a635c4", new[] { 2, 0, 1, 3 })]
    [InlineData(42, "é", "ffaf62fe7e82ac88", new[] { 0, 3, 2, 1 })]
    public void Options_of_a_question(int seed, string stem, string hash, int[] order)
    {
        Assert.Equal(BigInteger.Parse("0" + hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture), GpqaSet.SeedOf(stem, seed));
        Assert.Equal(order, GpqaSet.Order(stem, seed));
    }

    [Theory]
    [InlineData(0, new[] { 4, 6, 2, 7, 3, 5, 9, 0, 8, 1 })]
    [InlineData(42, new[] { 5, 6, 0, 7, 3, 2, 4, 9, 1, 8 })]
    [InlineData(7, new[] { 8, 0, 7, 1, 3, 6, 2, 4, 5, 9 })]
    [InlineData((1L << 40) + 3, new[] { 2, 4, 6, 5, 7, 9, 0, 3, 8, 1 })]
    [InlineData(5, new[] { 1, 0 })]
    [InlineData(5, new[] { 0 })]
    public void Numpys_permutation(long seed, int[] order) => Assert.Equal(order, new NumpyRandom(seed).Permutation(order.Length));

    [Fact]
    public void Numpys_permutation_of_many()
    {
        int[] order = new NumpyRandom(42).Permutation(1319);
        Assert.Equal([30, 754, 429, 1010, 1284, 953, 751, 954], order[..8]);
        Assert.Equal([141, 706, 973], order[^3..]);
        int[] many = new NumpyRandom(1).Permutation(100_000);
        Assert.Equal([64959, 39587, 64217, 69917, 89179], many[..5]);
        Assert.Equal(250011781767170, many.Select((value, place) => (long)value * place).Sum());
    }
}
