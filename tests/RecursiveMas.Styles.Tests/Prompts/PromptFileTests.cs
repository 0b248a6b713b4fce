using System.Text;
using System.Text.Json.Nodes;
using RecursiveMas.Catalogue;
using Xunit;

namespace RecursiveMas.Styles.Tests.Prompts;

/// <summary>Catalogues of users: what is wrong in one shows when it is read, or when a system is loaded with it.</summary>
public sealed class PromptFileTests
{
    private const string TwoAgents = """
        {
          "format": 1, "name": "mine", "version": "1",
          "systems": { "s": "Be brief." },
          "parts": { "role.a": "I am A.", "task.math": ["Here:", "{question}"], "final.box": "Box \\boxed{1}.", "final.letter": "Box \\boxed{A}." },
          "prompts": [
            { "agents": ["a"], "kinds": ["math"], "rounds": "first", "system": "s", "user": ["{role}", "{task}"] },
            { "agents": ["a"], "kinds": ["math"], "rounds": "later", "user": ["{slot:back}", "{question}"] },
            { "agents": ["b"], "kinds": ["math"], "rounds": "every", "user": ["{question}", "{slot:there}", "{final}"] }
          ],
          "answer_pass": { "math": "So: \\boxed{" }
        }
        """;

    private static readonly MasGraph s_loop = new([["a"], ["b"]], [new MasEdge("ab", "a", "b", "there"), new MasEdge("ba", "b", "a", "back")], "b");

    [Fact]
    public void ACompleteCatalogueIsAccepted()
    {
        PromptCatalogue catalogue = Read(TwoAgents);
        catalogue.Require(s_loop);
        AgentPrompt prompt = catalogue.GetPrompt("a", 1, new MasQuestion("Why?"));
        Assert.Equal("Be brief.", prompt.System);
        Assert.Equal([PromptPart.Text("I am A.\nHere:\n"), PromptPart.Given("Why?")], prompt.User);
        Assert.Equal("So: \\boxed{", catalogue.GetAnswerPass(new MasQuestion("?") { Kind = TaskKind.Math }));
        Assert.Null(catalogue.GetAnswerPass(new MasQuestion("?") { Kind = TaskKind.Choice }));
    }

    [Theory]
    [InlineData("/nowhere/my.json", "there is no such folder")]
    [InlineData("/nowhere.prompts.json", "/nowhere.prompts.json: there is no such file. Check the path")]
    public void A_file_that_is_not_there_is_no_broken_download(string path, string sentence)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(() => PromptCatalogue.Load(path));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("//", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"{slot:there}\", ", "", "there")]
    [InlineData("{slot:there}", "see {slot:there}", "alone on its line")]
    [InlineData("\"{slot:there}\", ", "\"{slot:there}\", \"{slot:there}\", ", "must stand once")]
    [InlineData("\"{slot:there}\", ", "\"{slot:there}\", \"{slot:extra}\", ", "extra")]
    [InlineData("\"{slot:back}\", \"{question}\"", "\"{slot:back}\"", "no {question}")]
    [InlineData("[\"Here:\", \"{question}\"]", "\"Here\"", "task.math")]
    [InlineData("\"{role}\"", "\"{rolle}\"", "{rolle}")]
    [InlineData("\"{role}\"", "\"{function}\"", "interface.function")]
    [InlineData("\"role.a\": \"I am A.\", ", "", "role.a")]
    [InlineData("I am A.", "I am {role}.", "{role}")]
    [InlineData("\"final.letter\": \"Box \\\\boxed{A}.\"", "\"choice\": \"x\"", "final.letter")]
    [InlineData("\"role.a\"", "\"rolle.a\"", "rolle.a")]
    [InlineData("\"later\"", "\"last\"", "last")]
    [InlineData("\"rounds\": \"later\"", "\"rounds\": \"first\"", "later round")]
    [InlineData("[\"b\"]", "[\"c\"]", "'b'")]
    [InlineData("\"system\": \"s\"", "\"system\": \"t\"", "'t'")]
    [InlineData("{ \"math\": \"So", "{ \"free\": \"So", "free")]
    [InlineData("{ \"math\": \"So", "{ \"maths\": \"So", "maths")]
    [InlineData("\"format\": 1", "\"format\": 2", "format")]
    [InlineData("\"format\": 1", "\"format\": 1, \"part\": {}", "'part', which is not known. Did you mean 'parts'")]
    [InlineData("\"kinds\": [\"math\"], \"rounds\": \"first\"", "\"kinds\": [\"math\"], \"rounds\": \"first\", \"users\": []", "'users', which is not known")]
    [InlineData("\"format\": 1", "\"format\": 1, \"extends\": \"nothing\"", "nothing")]
    public void WhatIsWrongIsNamed(string find, string replace, string named)
    {
        Assert.Contains(find, TwoAgents, StringComparison.Ordinal);
        CheckpointException error = Assert.Throws<CheckpointException>(() => Read(TwoAgents.Replace(find, replace, StringComparison.Ordinal)).Require(s_loop));
        Assert.Contains("mine.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExtendingReplacesWhatIsSaidAndKeepsTheRest()
    {
        const string Extension = """
            { "format": 1, "name": "mine", "version": "1", "extends": "sequential",
              "parts": { "final.box": "Now box it." }, "systems": { "generic": "Be terse." }, "answer_pass": { "choice": "Letter: \\boxed{" },
              "prompts": [ { "agents": ["planner"], "kinds": ["math"], "rounds": "first", "user": ["Plan!", "{question}"] } ] }
            """;
        PromptCatalogue mine = Read(Extension), theirs = PromptCatalogue.BuiltIn("sequential");
        StyleDefinition style = StyleCatalogue.Find("sequential_light");
        mine.Require(style.Graph);
        var question = new MasQuestion("Why?");
        Assert.Equal([PromptPart.Text("Plan!\n"), PromptPart.Given("Why?")], mine.GetPrompt("planner", 1, question).User);
        Assert.Equal(theirs.GetPrompt("planner", 2, question).User, mine.GetPrompt("planner", 2, question).User);
        Assert.EndsWith("Now box it.", mine.GetPrompt("solver", 1, question).User[^1].Value, StringComparison.Ordinal);
        Assert.Equal(
            ("Letter: \\boxed{", theirs.GetAnswerPass(new MasQuestion("?") { Kind = TaskKind.Math })),
            (mine.GetAnswerPass(new MasQuestion("?") { Kind = TaskKind.Choice }), mine.GetAnswerPass(new MasQuestion("?") { Kind = TaskKind.Math })));
        Assert.NotEqual(Read(Extension.Replace("\"sequential\"", "\"mixture\"", StringComparison.Ordinal)).Hash, mine.Hash);
    }

    [Fact]
    public void AnUnknownBuiltInCatalogueIsRefusedWithTheKnownNames()
    {
        InvalidOptionException error = Assert.Throws<InvalidOptionException>(() => PromptCatalogue.BuiltIn("sequentiel"));
        Assert.Contains("sequential", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AQuestionOfAKindWithoutPromptsIsRefusedWithTheKindsThatExist()
    {
        PromptException error = Assert.Throws<PromptException>(() => Read(TwoAgents).GetPrompt("a", 1, new MasQuestion("Why?") { Kind = TaskKind.Code }));
        Assert.Contains("math", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesAreReadFromDisk()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, JsonNode.Parse(TwoAgents)!.ToJsonString());
            Assert.Equal("mine", PromptCatalogue.Load(path).Name);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Throws<CheckpointException>(() => PromptCatalogue.Load(path));
    }

    private static PromptCatalogue Read(string json) => PromptCatalogue.Parse(Encoding.UTF8.GetBytes(json), "mine.json");
}
