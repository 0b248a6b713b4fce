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
}
