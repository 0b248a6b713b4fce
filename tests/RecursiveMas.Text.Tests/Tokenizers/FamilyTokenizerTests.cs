using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Tokenizers of the model and system goldens: ids of texts and of every prompt, with the question protected and not.</summary>
public sealed class FamilyTokenizerTests
{
    // Stage name of the reference, and what the repository's name says.
    private static readonly (string Stage, string Role)[] s_roles =
    [
        ("planner", "Planner"), ("refiner", "Critic"), ("solver", "Solver"), ("hie_math", "Math"), ("hie_code", "Code"), ("hie_science", "Science"),
        ("hie_summarizer", "Summarizer"), ("distill_expert", "Expert"), ("distill_learner", "Learner"),
        ("deliberation_reflector", "Reflector"), ("deliberation_toolcaller", "Toolcaller"),
    ];

    public static IEnumerable<TheoryDataRow<string>> Families() => Goldens.Subfolders("models", folder => File.Exists(Path.Combine(folder, "expected.json")));

    public static IEnumerable<TheoryDataRow<string>> Systems() => Goldens.Subfolders("mas", folder => Directory.Exists(Path.Combine(folder, "cases")));

    [Theory]
    [MemberData(nameof(Families))]
    public void TextGivesTheIdsOfTheModel(string family)
    {
        string folder = Goldens.Folder("models", family);
        string text = Json(Path.Combine(folder, "expected.json")).GetProperty("text").GetString()!;
        int[] expected = [.. new SafetensorsReader(Path.Combine(folder, "expected.safetensors")).Int64("text.ids").Select(id => (int)id)];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, HuggingFaceTokenizer.Load(folder).Encode(text, addSpecialTokens: false));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void PromptsGiveTheIdsOfTheReference(string system)
    {
        int prompts = 0;
        int protectedPrompts = 0;
        var tokenizers = new Dictionary<string, HuggingFaceTokenizer>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(Goldens.Folder("mas", system, "cases"), "*.json"))
        {
            foreach (JsonElement prompt in Json(file)
                .GetProperty("events")
                .EnumerateArray()
                .Where(e => e.GetProperty("kind").GetString()!.StartsWith("prompt_", StringComparison.Ordinal)))
            {
                HuggingFaceTokenizer tokenizer = TokenizerOf(system, prompt.GetProperty("agent").GetString()!, tokenizers);
                string rendered = prompt.GetProperty("rendered").GetString()!;
                string user = prompt.GetProperty("user").GetString()!;
                int at = rendered.IndexOf(user, StringComparison.Ordinal);
                Range[] guarded = at >= 0 ? [at..(at + user.Length)] : [];
                int[][] expected = [.. prompt.GetProperty("ids").EnumerateArray().Select(ids => ids.EnumerateArray().Select(id => id.GetInt32()).ToArray())];
                (int Start, int End)[] pieces = Pieces(rendered, prompt);
                Assert.Equal(expected.Length, pieces.Length);
                for (int i = 0; i < pieces.Length; i++)
                {
                    (int start, int end) = pieces[i];
                    string piece = rendered[start..end];
                    Assert.Equal(expected[i], tokenizer.Encode(piece, addSpecialTokens: false));
                    Assert.Equal(expected[i], tokenizer.Encode(piece, addSpecialTokens: false, Inside(guarded, start, end)));
                }

                prompts++;
                protectedPrompts += guarded.Length;
            }
        }

        Assert.True(prompts > 0, $"No prompts in mas/{system}.");
        Assert.True(protectedPrompts > 0, "No prompt holds its user text as it is, so that the protection was not tested.");
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void SpecialIdsAreThoseOfTheReference(string system)
    {
        var tokenizers = new Dictionary<string, HuggingFaceTokenizer>(StringComparer.Ordinal);
        int seen = 0;
        foreach (string file in Directory.EnumerateFiles(Goldens.Folder("mas", system, "cases"), "*.json"))
        {
            foreach (JsonElement generate in Json(file).GetProperty("events").EnumerateArray().Where(e => e.GetProperty("kind").GetString() == "generate"))
            {
                string agent = generate.GetProperty("agent").GetString()!;
                if (!TryRole(agent, out _) || agent.Contains("retry", StringComparison.Ordinal))
                    continue;
                HuggingFaceTokenizer tokenizer = TokenizerOf(system, agent, tokenizers);
                Assert.Equal(generate.GetProperty("eos").GetInt32(), tokenizer.EosTokenId);
                Assert.Equal(generate.GetProperty("pad").GetInt32(), tokenizer.PadTokenId ?? tokenizer.EosTokenId);
                seen++;
            }
        }

        Assert.True(seen > 0, $"No generation in mas/{system}.");
    }

    [Fact]
    public void RealModelGivesTheIdsOfItsPrompts()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(RecursiveMas.Testing.RealModel.Folder());
        JsonElement cases = Json(Goldens.Folder("smollm2", "cases.json"));
        Assert.Equal(cases.GetProperty("eos_id").GetInt32(), tokenizer.EosTokenId);
        Assert.Equal(cases.GetProperty("pad_id").GetInt32(), tokenizer.PadTokenId);
        foreach (JsonElement row in Goldens.NotEmpty(cases.GetProperty("cases").EnumerateArray(), "smollm2"))
        {
            string rendered = row.GetProperty("rendered").GetString()!;
            Assert.Equal(TokenizerRow.ReadIds(row, "ids"), tokenizer.Encode(rendered, addSpecialTokens: false));
            int[] written = TokenizerRow.ReadIds(row, "new_ids")!;
            int stop = row.GetProperty("first_stop") is { ValueKind: JsonValueKind.Number } first ? first.GetInt32() : written.Length;
            Assert.Equal(row.GetProperty("new_text").GetString(), tokenizer.Decode(written.AsSpan(0, stop), skipSpecialTokens: true));
        }
    }

    private static HuggingFaceTokenizer TokenizerOf(string system, string agent, Dictionary<string, HuggingFaceTokenizer> known)
    {
        Assert.True(TryRole(agent, out string role), $"No role for the stage '{agent}'.");
        if (!known.TryGetValue(role, out HuggingFaceTokenizer? tokenizer))
        {
            string folder = Directory.EnumerateDirectories(Goldens.Folder("mas", system)).Single(path => Path.GetFileName(path).Contains(
                $"-{role}-",
                StringComparison.Ordinal));
            known.Add(role, tokenizer = HuggingFaceTokenizer.Load(folder));
        }

        return tokenizer;
    }

    private static bool TryRole(string agent, out string role)
    {
        role = s_roles.FirstOrDefault(entry => agent.StartsWith(entry.Stage, StringComparison.Ordinal)).Role ?? "";
        return role.Length > 0;
    }

    private static (int Start, int End)[] Pieces(string rendered, JsonElement prompt)
    {
        var pieces = new List<(int, int)>();
        int done = 0;
        if (prompt.TryGetProperty("slots", out JsonElement slots))
        {
            foreach (string slot in slots.EnumerateArray().Select(slot => slot.GetString()!))
            {
                int at = rendered.IndexOf(slot, done, StringComparison.Ordinal);
                pieces.Add((done, at));
                done = at + slot.Length;
            }
        }

        pieces.Add((done, rendered.Length));
        return [.. pieces];
    }

    private static IEnumerable<Range> Inside(Range[] ranges, int start, int end) =>
        ranges.Select(range => (Start: Math.Max(range.Start.Value, start), End: Math.Min(range.End.Value, end)))
            .Where(range => range.Start < range.End)
            .Select(range => (range.Start - start)..(range.End - start));

    private static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
}
