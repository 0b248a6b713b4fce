using System.Text;
using System.Threading.Channels;
using RecursiveMas.Shared;

namespace RecursiveMas.Agents;

/// <summary>Turns the tokens of one text into updates, and decides when the text ends.</summary>
internal sealed class TextStream(ChatTokenizer text, WriteOptions options, ChannelWriter<WriteUpdate> updates)
{
    private readonly IncrementalDecoder _decoder = text.Tokenizer.CreateDecoder(skipSpecialTokens: true);
    private readonly StopScanner _stops = new(options.StopSequences);
    private readonly StringBuilder _whole = new();
    private readonly List<int> _ids = [];

    /// <summary>The tokens so far.</summary>
    public IReadOnlyList<int> TokenIds => _ids;

    /// <summary>Takes the next token; true if the text ends with it.</summary>
    public bool Take(int token)
    {
        _ids.Add(token);
        bool ends = token == text.EndId, last = ends || _ids.Count == options.MaxNewTokens;
        string piece = _decoder.Append(token) ?? "";
        if (last)
            piece += _decoder.Finish();
        string certain = _stops.Append(piece, last);
        _whole.Append(certain);
        updates.TryWrite(new WriteUpdate(token, certain));
        if (!last && _stops.Found is null)
            return false;
        FinishReason finish = _stops.Found is not null ? FinishReason.StopSequence : ends ? FinishReason.EndOfSequence : FinishReason.MaxNewTokens;
        updates.TryWrite(new WriteUpdate(null, "", new WrittenText(_whole.ToString(), _ids, finish) { StopSequence = _stops.Found }));
        return true;
    }
}
