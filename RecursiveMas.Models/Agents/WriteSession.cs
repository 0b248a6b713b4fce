using System.Globalization;
using System.Threading.Channels;
using RecursiveMas.Generation.Sampling;
using static TorchSharp.torch;

namespace RecursiveMas.Agents;

/// <summary>What one call of writing keeps a row: its random numbers, its ids, and the characters that are still incomplete.</summary>
internal sealed class WriteSession
{
    private readonly AgentText _text;
    private readonly WriteRequest _request;
    private readonly IReadOnlyList<int> _promptLengths;
    private readonly ChannelWriter<WriteUpdate> _updates;
    private readonly TokenSampler _sampler;
    private readonly SamplingRow[] _rows;
    private readonly List<int>[] _ids;
    private readonly IncrementalDecoder[] _decoders;

    public WriteSession(AgentText text, WriteRequest request, IReadOnlyList<EncodedPrompt> prompts, IReadOnlyList<int> promptLengths, ChannelWriter<WriteUpdate> updates)
    {
        (_text, _request, _promptLengths, _updates) = (text, request, promptLengths, updates);
        _sampler = new TokenSampler(SamplingPlan.Resolve(request.Sampling, text.SamplingDefaults), [text.EndId]);
        long seed = request.Sampling.Seed ?? RowRandom.FreshSeed();
        int rows = request.Prompts.Count;
        _rows = [.. Enumerable.Range(0, rows).Select(row => new SamplingRow(new RowRandom(seed, Key(row)), SeenIds(prompts[row])))];
        _ids = [.. Enumerable.Range(0, rows).Select(_ => new List<int>())];
        _decoders = [.. Enumerable.Range(0, rows).Select(_ => text.Tokenizer.CreateDecoder(skipSpecialTokens: true))];
    }

    /// <summary>Picks the next token of each row from logits [B, V].</summary>
    public int[] Choose(Tensor logits) => _sampler.Next(logits, _rows);

    public void TokenWritten(int row, int token)
    {
        _rows[row].Add(token);
        _ids[row].Add(token);
        _rows[row].Finished = token == _text.EndId;
        string text = _decoders[row].Append(token) ?? "";
        if (_rows[row].Finished || _ids[row].Count == _request.MaxNewTokens)
            text += _decoders[row].Finish();
        _updates.TryWrite(new WriteUpdate(row, token, text));
    }

    /// <summary>Ends every row with its whole text.</summary>
    public void Complete()
    {
        for (int row = 0; row < _ids.Length; row++)
        {
            FinishReason finish = _rows[row].Finished ? FinishReason.EndOfSequence : FinishReason.MaxNewTokens;
            string text = _text.Tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids[row]), skipSpecialTokens: true);
            bool goesOn = _request.Prompts[row] is { Verbatim: true } or { AnswerStart: not null };
            _updates.TryWrite(new WriteUpdate(row, null, "", new WrittenText(goesOn ? text : TextTrim.Both(text), _ids[row], _promptLengths[row], finish)));
        }
    }

    /// <summary>Ids that count as seen: those of a prompt that is text alone. A prompt with spliced vectors has no ids, as in the reference.</summary>
    private static int[] SeenIds(EncodedPrompt prompt) => prompt.Pieces.Count == 1 ? [.. prompt.Pieces[0]] : [];

    private string Key(int row) => _request.RowKeys?[row] ?? row.ToString(CultureInfo.InvariantCulture);
}
