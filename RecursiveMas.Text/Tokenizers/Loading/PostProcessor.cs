using System.Text.Json;

namespace RecursiveMas.Tokenizers;

/// <summary>What is done to the tokens of a text: special tokens around them, and white space cut off their offsets.</summary>
internal sealed class PostProcessor
{
    private static readonly Dictionary<string, Action<JsonRead, PostProcessor>> s_types = new(StringComparer.Ordinal)
    {
        ["Sequence"] = (part, into) => into.AddAll(part.List("processors")),
        ["ByteLevel"] = (part, into) => into.AddTrim(part),
        ["TemplateProcessing"] = (part, into) => into._templates.Add(ReadTemplate(part)),
        ["BertProcessing"] = (part, into) => into._templates.Add(ReadPair(part)),
        ["RobertaProcessing"] = (part, into) =>
        {
            into.AddTrim(part);
            into._templates.Add(ReadPair(part));
        },
    };

    // Each: ids of special tokens, and null for the text.
    private readonly List<IReadOnlyList<int[]?>> _templates = [];

    /// <summary>Whether white space at the ends of tokens is left out of their offsets.</summary>
    public bool TrimsOffsets { get; private set; }

    /// <summary>Whether one space before a token is kept in its offsets' count as put there by the tokenizer.</summary>
    public bool AddsPrefixSpace { get; private set; }

    public static PostProcessor None { get; } = new();

    public static PostProcessor Read(JsonRead part)
    {
        var result = new PostProcessor();
        part.Choice("type", s_types)(part, result);
        return result;
    }

    /// <summary>How many special tokens are put around a text.</summary>
    public int SpecialCount => _templates.Sum(template => template.Sum(piece => piece?.Length ?? 0));

    /// <summary>The tokens of a text with what belongs around them.</summary>
    public List<T> Around<T>(List<T> tokens, bool addSpecialTokens, Func<int, T> special)
    {
        foreach (IReadOnlyList<int[]?> template in _templates)
        {
            var next = new List<T>(tokens.Count + template.Count);
            foreach (int[]? piece in template)
            {
                if (piece is null)
                    next.AddRange(tokens);
                else if (addSpecialTokens)
                    next.AddRange(piece.Select(special));
            }

            tokens = next;
        }

        return tokens;
    }

    private void AddAll(IEnumerable<JsonRead> parts)
    {
        foreach (JsonRead part in parts)
            part.Choice("type", s_types)(part, this);
    }

    private void AddTrim(JsonRead part)
    {
        TrimsOffsets |= part.Flag("trim_offsets", true);
        AddsPrefixSpace |= part.Flag("add_prefix_space", true);
    }

    private static List<int[]?> ReadTemplate(JsonRead part)
    {
        var result = new List<int[]?>();
        foreach (JsonRead piece in part.List("single"))
        {
            if (piece.Has("Sequence"))
            {
                if (piece.Part("Sequence").Text("id") != "A")
                    throw piece.Wrong("Sequence", "the sequence A");
                if (result.Contains(null))
                    throw new UnsupportedCheckpointException(part.File, $"'{part.Where}.single' uses the text more than once, which is not supported.");
                result.Add(null);
                continue;
            }

            string name = piece.Part("SpecialToken").Text("id");
            JsonRead specials = part.Part("special_tokens");
            if (!specials.Has(name))
                throw new CheckpointException(part.File, $"'{part.Where}.single' uses the special token '{name}', which 'special_tokens' lacks.");
            result.Add([.. specials.Part(name).List("ids").Select(ReadId)]);
        }

        return result;
    }

    private static List<int[]?> ReadPair(JsonRead part)
    {
        IReadOnlyList<JsonRead> first = part.List("cls");
        IReadOnlyList<JsonRead> last = part.List("sep");
        return first.Count == 2 && last.Count == 2
            ? [[ReadId(first[1])], null, [ReadId(last[1])]]
            : throw part.Wrong("cls", "a token and its id, like 'sep'");
    }

    private static int ReadId(JsonRead part) =>
        part.Element.ValueKind == JsonValueKind.Number && part.Element.TryGetInt32(out int id) && id is >= 0 and < ModelJson.IdLimit
            ? id
            : throw new CheckpointException(part.File, $"'{part.Where}' must be an id.");
}
