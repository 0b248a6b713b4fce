using System.Text;
using System.Threading.Channels;
using RecursiveMas.Shared;

namespace RecursiveMas.Agents;

/// <summary>Turns the tokens of one text into updates, and decides when the text ends.</summary>
internal sealed class TextStream(ChatTokenizer text, WriteOptions options, ChannelWriter<WriteUpdate> updates)
{
    private readonly IncrementalDecoder _decoder = text.Tokenizer.CreateDecoder(skipSpecialTokens: true);
    private readonly StopScanner _stops = new(options.StopSequences);
    private readonly IStopRule? _rule = options.StopRule?.Invoke();
    private readonly StringBuilder _whole = new();
    private readonly List<int> _ids = [];
    private bool _heldBack;

    /// <summary>The tokens so far.</summary>
    public IReadOnlyList<int> TokenIds => _ids;

    /// <summary>
    /// How many tokens at the end stand in place of the last one that was sampled: what is kept of that, encoded anew, perhaps none; null if it stands.
    /// </summary>
    public int? Replaced { get; private set; }

    /// <summary>Takes the next token; true if the text ends with it.</summary>
    public bool Take(int token)
    {
        _ids.Add(token);
        bool ends = token == text.EndId, last = ends || _ids.Count == options.MaxNewTokens;
        string piece = _decoder.Append(token) ?? "";
        if (last)
            piece += _decoder.Finish();
        int? kept = _rule?.Append(piece);
        last |= kept is not null;
        string certain = _stops.Append(kept is { } length ? piece[..length] : piece, last);
        _whole.Append(certain);
        if (kept < piece.Length && _stops.Found is null)
            Replace(token, piece, kept.Value, certain);
        else
            updates.TryWrite(new WriteUpdate(token, certain));
        _heldBack = piece.Length == 0;
        if (!last && _stops.Found is null)
            return false;
        FinishReason finish = _stops.Found is not null ? FinishReason.StopSequence
            : kept is not null ? FinishReason.StopRule
            : ends ? FinishReason.EndOfSequence : FinishReason.MaxNewTokens;
        updates.TryWrite(new WriteUpdate(null, "", new WrittenText(_whole.ToString(), _ids, finish) { StopSequence = _stops.Found }));
        return true;
    }

    /// <summary>Takes the last token back and puts what is kept of its text in its place.</summary>
    private void Replace(int token, string piece, int kept, string certain)
    {
        // A piece may begin with what earlier tokens held back.
        int own = _heldBack ? text.Tokenizer.Decode([token], skipSpecialTokens: true).Length : piece.Length;
        int[] ids = text.EncodeInside(piece[Math.Clamp(piece.Length - own, 0, kept)..kept]);
        _ids.RemoveAt(_ids.Count - 1);
        _ids.AddRange(ids);
        Replaced = ids.Length;
        if (ids.Length == 0 && certain.Length > 0)
            updates.TryWrite(new WriteUpdate(null, certain));
        for (int i = 0; i < ids.Length; i++)
            updates.TryWrite(new WriteUpdate(ids[i], i == ids.Length - 1 ? certain : ""));
    }
}
