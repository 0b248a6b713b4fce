using System.Numerics;
using System.Text;

namespace RecursiveMas.Generation.Sampling;

/// <summary>Random numbers of one row of a batch (xoshiro256**, Blackman and Vigna 2018): the same on every platform, whatever else is in the batch.</summary>
/// <remarks>Not safe for concurrent use: one generator belongs to one row.</remarks>
internal sealed class RowRandom
{
    private ulong _a, _b, _c, _d;

    /// <param name="seed">Seed of the request.</param>
    /// <param name="key">What tells the rows of a request apart, for example the question's id.</param>
    /// <param name="rollout">Number of the repetition of the same question.</param>
    public RowRandom(long seed, string key, int rollout = 0)
    {
        ulong state = Mix(Mix((ulong)seed) ^ Hash(key));
        state = Mix(state ^ (uint)rollout);
        (_a, _b, _c, _d) = (Next(), Next(), Next(), Next());

        ulong Next() => Mix(state += SplitMixStep);
    }

    internal RowRandom(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    private const ulong SplitMixStep = 0x9E3779B97F4A7C15;

    /// <summary>A seed for a request that names none.</summary>
    public static long FreshSeed() => Random.Shared.NextInt64(long.MinValue, long.MaxValue);

    /// <summary>An independent generator in the same state.</summary>
    public RowRandom Copy() => new(_a, _b, _c, _d);

    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9, shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // FNV-1a, spread over all bits by Mix.
    private static ulong Hash(string key)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte unit in Encoding.UTF8.GetBytes(key))
            hash = (hash ^ unit) * 0x100000001B3;
        return Mix(hash);
    }
}
