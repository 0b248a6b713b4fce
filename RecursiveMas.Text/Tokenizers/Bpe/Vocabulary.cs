using System.Runtime.InteropServices;
using System.Text;

namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Tokens and their ids: UTF-8 in one block, found by hash.</summary>
internal sealed class Vocabulary
{
    private readonly byte[] _text;
    private readonly Entry[] _entries;
    private readonly int[] _buckets;
    private readonly int _mask;
    private readonly bool _hasDuplicates;

    // Index of the entry of each id, or -1.
    private readonly int[] _entryOfId;

    private Vocabulary(byte[] text, Entry[] entries)
    {
        _text = text;
        _entries = entries;
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, entries.Length * 2));
        _mask = size - 1;
        _buckets = new int[size];
        int largest = -1;
        for (int i = 0; i < entries.Length; i++)
        {
            int slot = (int)entries[i].Hash & _mask;
            for (; _buckets[slot] != 0; slot = (slot + 1) & _mask)
            {
                ref readonly Entry other = ref entries[_buckets[slot] - 1];
                _hasDuplicates |= other.Hash == entries[i].Hash && TextOf(other).SequenceEqual(TextOf(entries[i]));
            }

            _buckets[slot] = i + 1;
            largest = Math.Max(largest, entries[i].Id);
        }

        _entryOfId = new int[largest + 1];
        Array.Fill(_entryOfId, -1);
        for (int i = 0; i < entries.Length; i++)
        {
            HasSharedIds |= _entryOfId[entries[i].Id] >= 0;
            _entryOfId[entries[i].Id] = i;
        }
    }

    public int Count => _entries.Length;

    /// <summary>Largest id plus one.</summary>
    public int IdLimit => _entryOfId.Length;

    /// <summary>Whether two tokens have the same id.</summary>
    public bool HasSharedIds { get; }

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        uint hash = HashOf(token);
        for (int slot = (int)hash & _mask; _buckets[slot] != 0; slot = (slot + 1) & _mask)
        {
            ref readonly Entry entry = ref _entries[_buckets[slot] - 1];
            if (entry.Hash == hash && token.SequenceEqual(TextOf(entry)))
                return entry.Id;
        }

        return -1;
    }

    /// <summary>The id of a token, or -1; quick if it is that of the last one or follows it, as results of merges mostly do.</summary>
    public int Find(ReadOnlySpan<byte> token, int expected)
    {
        for (int id = expected; id <= expected + 1; id++)
        {
            if (TryGetToken(id, out ReadOnlySpan<byte> text) && text.SequenceEqual(token) && !HasSharedIds)
                return id;
        }

        return Find(token);
    }

    /// <summary>The id of a token, or -1.</summary>
    public int Find(string token) => Find(Encoding.UTF8.GetBytes(token));

    /// <summary>The UTF-8 text of an id; false if there is none.</summary>
    public bool TryGetToken(int id, out ReadOnlySpan<byte> token)
    {
        int index = (uint)id < (uint)_entryOfId.Length ? _entryOfId[id] : -1;
        token = index < 0 ? default : TextOf(_entries[index]);
        return index >= 0;
    }

    /// <summary>All entries, in the order of the file.</summary>
    public IEnumerable<(ReadOnlyMemory<byte> Token, int Id)> Entries()
    {
        foreach (Entry entry in _entries)
            yield return (_text.AsMemory(entry.Start, entry.Length), entry.Id);
    }

    private ReadOnlySpan<byte> TextOf(in Entry entry) => _text.AsSpan(entry.Start, entry.Length);

    private static uint HashOf(ReadOnlySpan<byte> token)
    {
        ulong hash = (ulong)token.Length * 0x9E3779B97F4A7C15;
        while (token.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(token));
            token = token[8..];
        }

        ulong rest = 0;
        for (int i = 0; i < token.Length; i++)
            rest |= (ulong)token[i] << (8 * i);
        hash = Mix(hash ^ rest);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93;
        return value ^ (value >> 32);
    }

    private readonly record struct Entry(int Start, int Length, int Id, uint Hash);

    public sealed class Builder
    {
        private readonly List<Entry> _entries = [];
        private byte[] _text = new byte[1 << 16];
        private int _start;
        private int _length;

        public void AddToken(ReadOnlySpan<byte> token)
        {
            if (_length + token.Length > _text.Length)
                Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + token.Length));
            token.CopyTo(_text.AsSpan(_length));
            _start = _length;
            _length += token.Length;
        }

        /// <summary>Gives the token that was added last its id.</summary>
        public void AddId(int id) =>
            _entries.Add(new Entry(_start, _length - _start, id, HashOf(_text.AsSpan(_start, _length - _start))));

        /// <summary>Null if a token was added twice.</summary>
        public Vocabulary? Build()
        {
            var vocabulary = new Vocabulary(_text, [.. _entries]);
            return vocabulary._hasDuplicates ? null : vocabulary;
        }
    }
}
