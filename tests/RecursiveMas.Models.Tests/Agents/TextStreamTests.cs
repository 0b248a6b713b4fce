using System.Threading.Channels;
using RecursiveMas.Agents;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Models.Tests.Agents;

/// <summary>What a writing session streams is its text, to the last word, whatever the tokenizer holds back until it knows what follows.</summary>
public sealed class TextStreamTests
{
    public static TheoryData<string> Agents() =>
        [.. Directory.EnumerateFiles(Goldens.Folder("mas"), "tokenizer.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Goldens.Folder("mas"), Path.GetDirectoryName(file)!))];

    [Theory]
    [MemberData(nameof(Agents))]
    public void Pieces_joined_are_the_text(string agent)
    {
        var text = ChatTokenizer.Load(CheckpointFolder.FromDirectory(Goldens.Folder("mas", agent)));
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(text.Tokenizer.VocabularySize)).Where(id => id != text.EndId)];
            if (ids.Length == 0)
                continue;
            var updates = Channel.CreateUnbounded<WriteUpdate>();
            var stream = new TextStream(text, new WriteOptions { MaxNewTokens = ids.Length }, updates.Writer);
            for (int at = 0; at < ids.Length; at++)
                Assert.Equal(at == ids.Length - 1, stream.Take(ids[at]));
            string whole = text.Tokenizer.Decode(ids, skipSpecialTokens: true), pieces = "";
            WrittenText? written = null;
            while (updates.Reader.TryRead(out WriteUpdate? update))
                (pieces, written) = (pieces + update.Text, update.Completed);
            Assert.Equal(whole, pieces);
            Assert.Equal(whole, written!.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Agents))]
    public void A_rule_ends_the_text_within_a_token(string agent)
    {
        var text = ChatTokenizer.Load(CheckpointFolder.FromDirectory(Goldens.Folder("mas", agent)));
        int cut = 0;
        foreach (int token in Enumerable.Range(0, text.Tokenizer.VocabularySize).Where(id => text.Tokenizer.Decode([id], skipSpecialTokens: true).Length > 2))
        {
            int[] ids = [.. text.EncodeInside("so"), token];
            string whole = text.Tokenizer.Decode(ids, skipSpecialTokens: true);
            var updates = Channel.CreateUnbounded<WriteUpdate>();
            var stream = new TextStream(text, new WriteOptions { MaxNewTokens = 99, StopRule = () => new EndsAt(whole.Length - 1) }, updates.Writer);
            bool ended = false;
            foreach (int id in ids)
                ended = stream.Take(id);
            // What ends in half a character shows nothing yet, and no character is cut in two.
            if (!ended || char.IsSurrogate(whole[^1]))
                continue;
            cut++;
            var told = new List<int>();
            string pieces = "";
            WrittenText? written = null;
            while (updates.Reader.TryRead(out WriteUpdate? update))
            {
                told.AddRange(update.TokenId is { } id ? [id] : []);
                (pieces, written) = (pieces + update.Text, update.Completed);
            }

            Assert.Equal((whole[..^1], FinishReason.StopRule), (written!.Text, written.Finish));
            Assert.Equal(whole[..^1], pieces);
            Assert.Equal(told, written.TokenIds);
            Assert.Equal(ids[..^1], written.TokenIds.Take(ids.Length - 1));
            Assert.Equal(written.TokenIds.Count - ids.Length + 1, stream.Replaced);
            Assert.Equal(whole[..^1], text.Tokenizer.Decode([.. written.TokenIds], skipSpecialTokens: true));
        }

        Assert.NotEqual(0, cut);
    }

    /// <summary>Ends a text at a length.</summary>
    private sealed class EndsAt(int length) : IStopRule
    {
        private int _taken;

        public int? Append(string piece)
        {
            _taken += piece.Length;
            return _taken > length ? piece.Length - (_taken - length) : null;
        }
    }
}
