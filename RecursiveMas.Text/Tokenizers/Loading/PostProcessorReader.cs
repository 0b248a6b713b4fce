using System.Text.Json;
using RecursiveMas.Tokenizers.Pipeline;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the part 'post_processor' of a tokenizer.json.</summary>
internal sealed class PostProcessorReader
{
    private static readonly Dictionary<string, Action<JsonRead, PostProcessorReader>> s_types = new(StringComparer.Ordinal)
    {
        ["Sequence"] = (part, reader) => reader.AddAll(part.List("processors")),
        ["ByteLevel"] = (part, reader) => reader.AddTrim(part),
        ["TemplateProcessing"] = (part, reader) => reader._templates.Add(ReadTemplate(part)),
        ["BertProcessing"] = (part, reader) => reader._templates.Add(ReadPair(part)),
        ["RobertaProcessing"] = (part, reader) =>
        {
            reader.AddTrim(part);
            reader._templates.Add(ReadPair(part));
        },
    };

    private readonly List<IReadOnlyList<int[]?>> _templates = [];
    private bool _trimsOffsets;
    private bool _addsPrefixSpace;

    public static PostProcessor Read(JsonRead part)
    {
        var reader = new PostProcessorReader();
        reader.Add(part);
        return new PostProcessor(reader._templates) { TrimsOffsets = reader._trimsOffsets, AddsPrefixSpace = reader._addsPrefixSpace };
    }

    private void Add(JsonRead part) => part.Choice("type", s_types)(part, this);

    private void AddAll(IEnumerable<JsonRead> parts)
    {
        foreach (JsonRead part in parts)
            Add(part);
    }

    private void AddTrim(JsonRead part)
    {
        _trimsOffsets |= part.Flag("trim_offsets", true);
        _addsPrefixSpace |= part.Flag("add_prefix_space", true);
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
