using System.Globalization;
using RecursiveMas.Agents;
using RecursiveMas.Runs;
using RecursiveMas.Systems;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Whole systems through the public loading path against the reference implementation, event by event.</summary>
public class ReferenceParityTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Cases() => Goldens.Subfolders("mas").Select(row => row.Data).SelectMany(style =>
    {
        string? cases = Goldens.TryFolder("mas") is { } folder ? Path.Combine(folder, style, "cases") : null;
        string[] names = cases is not null && Directory.Exists(cases)
            ? [.. Directory.EnumerateFiles(cases, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)]
            : [];
        return names.Length > 0
            ? names.Select(name => new TheoryDataRow<string, string>(style, name))
            : [new TheoryDataRow<string, string>(style, "") { Skip = $"No golden cases of {style}." }];
    });

    public static IEnumerable<TheoryDataRow<string, string>> ThrownAwayCases()
    {
        TheoryDataRow<string, string>[] rows = [.. Cases().Where(row =>
        {
            (string style, string name) = row.Data;
            if (name.Length == 0 || MasCase.Open(style, name) is not { Dtype: "float32" } recorded)
                return false;
            return recorded.ThrownAway(StyleCatalogue.Find(style).Graph.Writer).Any();
        })];
        return rows.Length > 0 ? rows : [new TheoryDataRow<string, string>("", "") { Skip = "No golden case with such texts." }];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Prompts_and_ids(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        await using MasSystem mas = await LoadAsync(recorded);
        var prompts = new RecordedPrompts(recorded, mas.Style.Graph);
        int compared = 0;
        foreach (RecordedStage stage in recorded.Stages.Where(stage => stage.Prompts.Count > 0))
        {
            AgentText text = ((LatentAgent)mas.Engine(recorded.Kind).Parts.Agent(stage.Role)).Text;
            foreach ((RecordedPrompt expected, int question) in stage.Prompts.Select((prompt, index) => (prompt, index)))
            {
                AgentPrompt prompt = prompts.Prompt(expected, recorded.Questions[question]);
                RenderedPrompt rendered = text.Render(prompt, part => expected.Markers.First(marker => MasRoles.Slot(marker) == part.Value));
                Assert.Equal(expected.Rendered, rendered.Text);
                EncodedPrompt encoded = text.Encode(rendered);
                Assert.Equal(expected.Ids.Count, encoded.Pieces.Count);
                for (int piece = 0; piece < encoded.Pieces.Count; piece++)
                    Assert.Equal(expected.Ids[piece], encoded.Pieces[piece]);
                Assert.Equal(expected.Ids.SelectMany(ids => ids), text.Encode(prompt).Pieces.SelectMany(ids => ids));
                compared++;
            }
        }

        Assert.True(compared >= recorded.Questions.Count);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Forced(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        Assert.SkipUnless(recorded.Dtype == "float32", "Reduced precision is compared free-running only.");
        await using MasSystem mas = await LoadAsync(recorded);
        using var tensors = new TensorFile(recorded.TensorFile);
        SystemParts loaded = mas.Engine(recorded.Kind).Parts;
        foreach ((int batch, int row, int question) in recorded.Rows)
        {
            var inner = new List<ForcedInnerLink>();
            var outer = new List<ForcedOuterLink>();
            Dictionary<string, IAgent> agents = mas.Agents.ToDictionary(role => role, role =>
            {
                var agent = (LatentAgent)loaded.Agent(role);
                inner.Add(new ForcedInnerLink(
                    agent.InnerLink!, new Queue<Tensor>(Thoughts(recorded, role).Select(stage => tensors[stage.Rollouts[batch].Tensor][row])), $"{style}/{name} {role} question {question}"));
                return (IAgent)new LatentAgent(role, agent.Steps, agent.Text, inner[^1]);
            });
            Dictionary<string, IRecursiveLink> links = mas.Edges.ToDictionary(edge => edge.Key, edge =>
            {
                int place = mas.Edges.Where(other => other.From == edge.From).ToList().IndexOf(edge), width = mas.Edges.Count(other => other.From == edge.From);
                outer.Add(new ForcedOuterLink(
                    loaded.Link(edge),
                    new Queue<(Tensor, string)>(Thoughts(recorded, edge.From).Select(stage => stage.Blocks[(batch * width) + place]).Select(block => (tensors[block.Tensor][row], block.Dtype))),
                    $"{style}/{name} {edge.Key} question {question}"));
                return (IRecursiveLink)outer[^1];
            });
            var engine = new RecursionEngine(mas.Style.Graph, agents, links, mas.Style.Schedule);
            MasAnswer answer = await engine.RunAsync(Request(recorded, mas, question), cancellationToken: TestContext.Current.CancellationToken);
            RecordedText text = recorded.FinalTexts(mas.Style.Graph.Writer)[batch];
            CompareIds(tensors[text.Tensor], text, row, answer.TokenIds, text.SafeTokens[row]);
            if (answer.TokenIds.Count <= text.SafeTokens[row])
                Assert.Equal(recorded.BeforeRetry[question], answer.Text);
            Assert.Equal(recorded.Stages.Count(stage => stage.Rollouts.Count > 0), inner.Sum(link => link.Compared));
            Assert.Equal(recorded.Stages.Sum(stage => stage.Blocks.Count) / recorded.Batches.Count(), outer.Sum(link => link.Compared));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Free_running(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        await using MasSystem mas = await LoadAsync(recorded);
        using var tensors = new TensorFile(recorded.TensorFile);
        SystemParts loaded = mas.Engine(recorded.Kind).Parts;
        using var scope = NewDisposeScope();
        foreach ((int batch, int row, int question) in recorded.Rows)
        {
            var rollouts = mas.Agents.ToDictionary(role => role, _ => new List<Tensor>());
            var blocks = mas.Edges.ToDictionary(edge => edge.Key, _ => new List<Tensor>());
            var engine = new RecursionEngine(
                mas.Style.Graph,
                mas.Agents.ToDictionary(role => role, role => (IAgent)new RecordingAgent(loaded.LatentAgent(role), rollouts[role])),
                mas.Edges.ToDictionary(edge => edge.Key, edge => (IRecursiveLink)new RecordingLink(loaded.Link(edge), blocks[edge.Key])),
                mas.Style.Schedule);
            MasAnswer answer = await engine.RunAsync(Request(recorded, mas, question), cancellationToken: TestContext.Current.CancellationToken);
            foreach (string role in mas.Agents)
                CompareRollouts(recorded, role, batch, row, rollouts[role], tensors);
            CompareBlocks(recorded, mas, batch, row, blocks, tensors);
            RecordedText text = recorded.FinalTexts(mas.Style.Graph.Writer)[batch];
            if (recorded.Dtype == "float32" && text.MinMargin >= 0.01)
            {
                CompareIds(tensors[text.Tensor], text, row, answer.TokenIds, int.MaxValue);
                Assert.Equal(recorded.BeforeRetry[question], answer.Text);
            }

            foreach (Tensor tensor in rollouts.Values.Concat(blocks.Values).SelectMany(list => list))
                tensor.Dispose();
        }
    }

    /// <summary>Mixture's reference writes in every round and throws all but the last text away; ours does not, so these are checked as calls of the writer.</summary>
    [Theory]
    [MemberData(nameof(ThrownAwayCases))]
    public async Task Texts_that_the_reference_throws_away(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        await using MasSystem mas = await LoadAsync(recorded);
        string writer = mas.Style.Graph.Writer;
        RecordedStage[] thrownAway = [.. recorded.ThrownAway(writer)];
        using var tensors = new TensorFile(recorded.TensorFile);
        SystemParts parts = mas.Engine(recorded.Kind).Parts;
        foreach (RecordedStage stage in thrownAway)
        {
            foreach ((int batch, int row, int question) in recorded.Rows)
            {
                Dictionary<string, LatentBlock> blocks = mas.Style.Graph.EdgesInto(writer).ToDictionary(
                    edge => edge.Slot,
                    edge => recorded.Find(edge.From, stage.Round) is { } sent
                        ? new LatentBlock(tensors[sent.Blocks[batch].Tensor][row].clone())
                        : LatentBlock.Empty(parts.LatentAgent(writer).HiddenSize));
                AgentPrompt prompt = new RecordedPrompts(recorded, mas.Style.Graph).Prompt(stage.Prompts[question], recorded.Questions[question]);
                WrittenText text = await WriteAsync(parts.Agent(writer), prompt, blocks, stage.Texts[batch].MaxNewTokens);
                CompareIds(tensors[stage.Texts[batch].Tensor], stage.Texts[batch], row, text.TokenIds, stage.Texts[batch].SafeTokens[row]);
                foreach (LatentBlock block in blocks.Values)
                    block.Dispose();
            }
        }
    }

    /// <summary>The answer pass as the reference runs it, on the texts that it had.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Answer_pass(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        Assert.SkipUnless(recorded.Dtype == "float32" && recorded.AnswerPasses.Any(), "Reduced precision is compared free-running only.");
        await using MasSystem mas = await LoadAsync(recorded);
        using var tensors = new TensorFile(recorded.TensorFile);
        var writer = (LatentAgent)mas.Engine(recorded.Kind).Parts.Agent(mas.Style.Graph.Writer);
        foreach ((RecordedText pass, int[] questions) in recorded.AnswerPasses)
        {
            for (int row = 0; row < questions.Length; row++)
            {
                string before = recorded.BeforeRetry[questions[row]];
                var prompt = new AgentPrompt(null, [PromptPart.Text($"{before}\n{recorded.AnswerPass}")]) { Verbatim = true };
                Assert.Equal(pass.InputIds[row], writer.Text.Encode(prompt).Pieces[0]);
                WrittenText text = await WriteAsync(writer, prompt, new Dictionary<string, LatentBlock>(), pass.MaxNewTokens);
                CompareIds(tensors[pass.Tensor], pass, row, text.TokenIds, pass.SafeTokens[row]);
                if (pass.SafeTokens[row] >= text.TokenIds.Count)
                    Assert.Equal(recorded.AfterRetry[questions[row]], $"{before}\n{recorded.AnswerPass}{text.Text}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Questions_are_asked_again_as_the_reference_does(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        await using MasSystem mas = await LoadAsync(recorded, MasCompatibility.Reference);
        IReadOnlyList<MasAnswer> answers = await mas.AskManyAsync(
            recorded.Questions.Select((text, index) => new MasQuestion(text) { Kind = recorded.Kind, Id = index.ToString(CultureInfo.InvariantCulture) }),
            new AskOptions { MaxConcurrency = recorded.Batch, Rounds = recorded.Rounds, LatentSteps = recorded.Steps, MaxNewTokens = recorded.MaxNewTokens, Sampling = new SamplingOptions { DoSample = false } },
            cancellationToken: TestContext.Current.CancellationToken).AnswersAsync();
        Assert.All(answers, answer => Assert.Equal(AnswerExtractor.Extract(answer.Text, recorded.Kind, AnswerExtraction.Reference)?.Value, answer.Extracted?.Value));
        IReadOnlyList<RecordedText> texts = recorded.FinalTexts(mas.Style.Graph.Writer);
        int[] certain = [.. recorded.Batches.SelectMany((batch, index) => recorded.Dtype == "float32" && texts[index].MinMargin >= 0.01 ? batch : [])];
        foreach (int question in certain)
        {
            Assert.Equal(recorded.AskedAgain(question), answers[question].AnswerPassRan);
            if (!recorded.AskedAgain(question) || recorded.AnswerPasses.First(pass => pass.Questions.Contains(question)).Text.MinMargin >= 0.01)
                Assert.Equal(recorded.AfterRetry[question], answers[question].Text);
        }
    }

    private static async Task<WrittenText> WriteAsync(IAgent agent, AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks, int maxNewTokens)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using IAgentSession session = await agent.OpenAsync(cancellationToken: token);
        await session.ReadAsync(prompt, blocks, token);
        WrittenText? written = null;
        await foreach (WriteUpdate update in session.WriteAsync(new WriteOptions { MaxNewTokens = maxNewTokens, Sampling = new SamplingOptions { DoSample = false } }, token))
            written = update.Completed ?? written;
        return written!;
    }

    private static void CompareRollouts(MasCase recorded, string role, int batch, int row, List<Tensor> actual, TensorFile tensors)
    {
        RecordedStage[] thoughts = [.. Thoughts(recorded, role)];
        Assert.Equal(thoughts.Length, actual.Count);
        for (int i = 0; i < thoughts.Length; i++)
        {
            Tensor expected = tensors[thoughts[i].Rollouts[batch].Tensor][row]; // [m, H]
            string what = $"{recorded.Style}/{recorded.Name} {role} round {thoughts[i].Round}";
            if (recorded.Dtype == "float32")
            {
                TensorChecks.Close(expected, actual[i], 5e-2, what);
                int certain = thoughts[i].Round == 1 ? (int)Math.Min(2, expected.size(0)) : 0;
                TensorChecks.Close(expected.narrow(0, 0, certain), actual[i].narrow(0, 0, certain), what: $"{what}, first states");
            }
            else if (thoughts[i] == recorded.Stages.First(stage => stage.Rollouts.Count > 0))
            {
                // In reduced precision only the very first state is determined.
                Assert.True(TensorChecks.SmallestCosine(expected.narrow(0, 0, 1), actual[i].narrow(0, 0, 1)) > 0.999, what);
            }
        }
    }

    private static void CompareBlocks(MasCase recorded, MasSystem mas, int batch, int row, Dictionary<string, List<Tensor>> actual, TensorFile tensors)
    {
        foreach (IGrouping<string, MasEdge> sender in mas.Edges.GroupBy(edge => edge.From))
        {
            MasEdge[] edges = [.. sender];
            RecordedStage[] thoughts = [.. Thoughts(recorded, sender.Key)];
            for (int place = 0; place < edges.Length; place++)
            {
                List<Tensor> blocks = actual[edges[place].Key];
                Assert.Equal(thoughts.Length, blocks.Count);
                for (int i = 0; i < thoughts.Length; i++)
                {
                    RecordedBlock expected = thoughts[i].Blocks[(batch * edges.Length) + place];
                    Assert.Equal(expected.Dtype, DtypeNames.Torch(blocks[i].dtype));
                    if (recorded.Dtype == "float32")
                        TensorChecks.Close(tensors[expected.Tensor][row], blocks[i], 5e-2, $"{recorded.Style}/{recorded.Name} {edges[place].Key} round {thoughts[i].Round}");
                }
            }
        }
    }

    private static void CompareIds(Tensor expected, RecordedText text, int row, IReadOnlyList<int> written, int certain)
    {
        // What follows the end of a row is padding.
        int[] ids = [.. Enumerable.Range(0, (int)expected.size(1)).Select(step => (int)expected[row, step].ToInt64())];
        int end = Array.IndexOf(ids, text.End);
        int[] wanted = end < 0 ? ids : ids[..(end + 1)];
        int count = Math.Min(certain, wanted.Length);
        Assert.Equal(wanted.Take(count), written.Take(count));
    }

    private static IEnumerable<RecordedStage> Thoughts(MasCase recorded, string role) =>
        recorded.Stages.Where(stage => stage.Role == role && stage.Rollouts.Count > 0);

    private static RunRequest Request(MasCase recorded, MasSystem mas, int question) => new()
    {
        Question = new MasQuestion(recorded.Questions[question]) { Kind = recorded.Kind, Id = question.ToString(CultureInfo.InvariantCulture) },
        Prompts = new RecordedPrompts(recorded, mas.Style.Graph),
        Rounds = recorded.Rounds,
        LatentSteps = recorded.Steps,
        MaxNewTokens = recorded.MaxNewTokens,
        Sampling = new SamplingOptions { DoSample = false },
    };

    private static Task<MasSystem> LoadAsync(MasCase recorded, MasCompatibility compatibility = MasCompatibility.Default)
    {
        ModelDtype dtype = recorded.Dtype == "float32" ? ModelDtype.Float32 : ModelDtype.Stored;
        return MasSystem.LoadAsync(
            Goldens.Folder("mas", recorded.Style),
            new MasOptions
            {
                Dtype = dtype,
                LinkDtype = dtype,
                Prompts = new RecordedPrompts(recorded, StyleCatalogue.Find(recorded.Style).Graph),
                Compatibility = compatibility,
            },
            cancellationToken: TestContext.Current.CancellationToken);
    }
}
