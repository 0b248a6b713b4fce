using System.Numerics;

namespace RecursiveMas.DataSets.Random;

/// <summary>numpy's default generator for an integer seed: PCG64 (XSL RR 128/64), seeded through a sequence of 32-bit mixes.</summary>
internal sealed class NumpyRandom
{
    private const int Pool = 4;

    private static readonly UInt128 s_multiplier = new(2549297995355413924, 4865540595714422341);

    private readonly UInt128 _increment;
    private UInt128 _state;
    private uint? _half;

    public NumpyRandom(BigInteger seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        uint[] words = Words(seed);
        ulong[] drawn = new ulong[4];
        for (int i = 0; i < drawn.Length; i++)
            drawn[i] = words[2 * i] | ((ulong)words[(2 * i) + 1] << 32);
        _increment = (new UInt128(drawn[2], drawn[3]) << 1) | 1;
        _state = _increment + new UInt128(drawn[0], drawn[1]);
        Step();
    }

    /// <summary>The order into which 0…<paramref name="count"/>−1 is permuted.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = (int)UpTo((uint)i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>A number from 0 to a limit: as many bits as the limit has, drawn until they are not above it.</summary>
    private uint UpTo(uint most)
    {
        uint mask = uint.MaxValue >> BitOperations.LeadingZeroCount(most), drawn;
        do
            drawn = Next32() & mask;
        while (drawn > most);
        return drawn;
    }

    private uint Next32()
    {
        if (_half is { } kept)
        {
            _half = null;
            return kept;
        }

        Step();
        ulong drawn = BitOperations.RotateRight((ulong)(_state >> 64) ^ (ulong)_state, (int)(_state >> 122));
        _half = (uint)(drawn >> 32);
        return (uint)drawn;
    }

    private void Step() => _state = (_state * s_multiplier) + _increment;

    /// <summary>Eight words that a seed is spread over.</summary>
    private static uint[] Words(BigInteger seed)
    {
        byte[] bytes = seed.ToByteArray(isUnsigned: true);
        uint[] entropy = new uint[Math.Max(1, (bytes.Length + 3) / 4)];
        for (int i = 0; i < bytes.Length; i++)
            entropy[i / 4] |= (uint)bytes[i] << (i % 4 * 8);
        uint constant = 0x43b0d7e5;
        uint Hash(uint value)
        {
            value ^= constant;
            constant *= 0x931e8875;
            value *= constant;
            return value ^ (value >> 16);
        }

        uint[] pool = new uint[Pool];
        for (int i = 0; i < Pool; i++)
            pool[i] = Hash(i < entropy.Length ? entropy[i] : 0);
        for (int from = 0; from < Pool; from++)
        {
            for (int to = 0; to < Pool; to++)
            {
                if (from != to)
                    pool[to] = Mix(pool[to], Hash(pool[from]));
            }
        }

        for (int from = Pool; from < entropy.Length; from++)
        {
            for (int to = 0; to < Pool; to++)
                pool[to] = Mix(pool[to], Hash(entropy[from]));
        }

        uint[] words = new uint[8];
        uint second = 0x8b51f9dd;
        for (int i = 0; i < words.Length; i++)
        {
            uint value = pool[i % Pool] ^ second;
            second *= 0x58f38ded;
            value *= second;
            words[i] = value ^ (value >> 16);
        }

        return words;
    }

    private static uint Mix(uint left, uint right)
    {
        uint mixed = (0xca01f9dd * left) - (0x4973f715 * right);
        return mixed ^ (mixed >> 16);
    }
}
