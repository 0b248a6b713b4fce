using System.Globalization;
using RecursiveMas.Agents;
using RecursiveMas.Catalogue;
using RecursiveMas.Runs;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Whole systems through the public loading path against the reference implementation, event by event.</summary>
public class ReferenceParityTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Cases() => Goldens.Subfolders("mas").SelectMany(style => style.Skip is not null
        ? [new TheoryDataRow<string, string>("", "") { Skip = style.Skip }]
        : Goldens.NotEmpty(Directory.GetFiles(Goldens.Folder("mas", style.Data, "cases"), "*.json"), $"mas/{style.Data}/cases").Order(StringComparer.Ordinal)
            .Select(file => new TheoryDataRow<string, string>(style.Data, Path.GetFileNameWithoutExtension(file))));

    public static IEnumerable<TheoryDataRow<string, string>> ThrownAwayCases() => Goldens.NotEmpty(
        Cases().Where(row => row.Skip is not null || (MasCase.Open(row.Data.Item1, row.Data.Item2) is { Dtype: "float32" } recorded && recorded
            .ThrownAway(StyleCatalogue.Find(row.Data.Item1).Graph.Writer)
            .Any())),
        "mas, texts that the reference throws away");

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
            ChatTokenizer text =
                ((LatentAgent)(await mas.GetEngineAsync(recorded.Kind, cancellationToken: TestContext.Current.CancellationToken)).Agents[stage.Role]).Text;
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
        SystemParts loaded = (await mas.GetEngineAsync(recorded.Kind, cancellationToken: TestContext.Current.CancellationToken)).Parts;
        foreach ((int batch, int row, int question) in recorded.Rows)
        {
            var inner = new List<ForcedInnerLink>();
            var outer = new List<ForcedOuterLink>();
            Dictionary<string, IAgent> agents = mas.Agents.Keys.ToDictionary(role => role, role =>
            {
                var agent = (LatentAgent)loaded.Agent(role);
                inner.Add(new ForcedInnerLink(
                    agent.InnerLink!, new Queue<Tensor>(Thoughts(recorded, role).Select(stage => tensors[stage.Rollouts[batch].Tensor][row])),
                    $"{style}/{name} {role} question {question}"));
                return (IAgent)new LatentAgent(role, agent.Steps, agent.Text, inner[^1]);
            });
            Dictionary<string, IRecursiveLink> links = mas.Edges.ToDictionary(edge => edge.Key, edge =>
            {
                int place = mas.Edges.Where(other => other.From == edge.From).ToList().IndexOf(edge), width = mas.Edges.Count(other => other.From == edge.From);
                outer.Add(new ForcedOuterLink(
                    loaded.Link(edge),
                    new Queue<(Tensor, string)>(Thoughts(recorded, edge.From)
                        .Select(stage => stage.Blocks[(batch * width) + place])
                        .Select(block => (tensors[block.Tensor][row], block.Dtype))),
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
        bool exact = recorded.Dtype == "float32", forcedOnly = false;
        int compared = 0;
        foreach ((int batch, int row, int question) in Goldens.NotEmpty(recorded.Rows, $"mas/{style}/{name}"))
        {
            var runs = new List<FreeRun>();
            foreach (long? seed in exact ? [null, .. FreeRunning.Seeds.Select(seed => (long?)seed)] : new long?[] { null })
                runs.Add(await FreeRun.RunAsync(mas, recorded.Kind, Request(recorded, mas, question), seed));
            using var scope = NewDisposeScope();
            bool forced = runs[0].Chains.Any(chain => FreeRunning.IsForcedOnly(FreeRunning.Allowed(runs[0][chain], runs.Skip(1).Select(run => run[chain]))));
            forcedOnly |= forced;
            foreach (string role in mas.Agents.Keys)
                compared += CompareRollouts(recorded, role, batch, row, runs, forced, tensors);
            compared += CompareBlocks(recorded, mas, batch, row, runs, forced, tensors);
            RecordedText text = recorded.FinalTexts(mas.Style.Graph.Writer)[batch];
            if (exact && !forced && text.MinMargin >= 0.01)
            {
                CompareIds(tensors[text.Tensor], text, row, runs[0].Answer!.TokenIds, int.MaxValue);
                Assert.Equal(recorded.BeforeRetry[question], runs[0].Answer!.Text);
            }

            runs.ForEach(run => run.Dispose());
        }

        Assert.True(compared > 0 || recorded.Steps == 0, "nothing was compared");
        Assert.SkipWhen(forcedOnly, "This case amplifies rounding so much that it counts as forced only; element types and first states were compared.");
    }

    /// <summary>
    /// Mixture's reference writes in every round and throws all but the last text away; ours does not, so these are checked as calls of the writer.
    /// </summary>
    [Theory]
    [MemberData(nameof(ThrownAwayCases))]
    public async Task Texts_that_the_reference_throws_away(string style, string name)
    {
        MasCase recorded = MasCase.Open(style, name);
        await using MasSystem mas = await LoadAsync(recorded);
        string writer = mas.Style.Graph.Writer;
        RecordedStage[] thrownAway = [.. recorded.ThrownAway(writer)];
        using var tensors = new TensorFile(recorded.TensorFile);
        SystemParts parts = (await mas.GetEngineAsync(recorded.Kind, cancellationToken: TestContext.Current.CancellationToken)).Parts;
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
        var writer =
            (LatentAgent)(await mas.GetEngineAsync(recorded.Kind, cancellationToken: TestContext.Current.CancellationToken)).Agents[mas.Style.Graph.Writer];
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
            new AskOptions
            {
                MaxConcurrency = recorded.Batch,
                Rounds = recorded.Rounds,
                LatentSteps = recorded.Steps,
                MaxNewTokens = recorded.MaxNewTokens,
                Sampling = new SamplingOptions { DoSample = false },
            },
            cancellationToken: TestContext.Current.CancellationToken).AnswersAsync();
        Assert.All(
            answers,
            answer => Assert.Equal(AnswerExtractor.Extract(answer.Text, recorded.Kind, AnswerExtraction.Reference)?.Value, answer.Extracted?.Value));
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
        await using var session = (ILatentSession)await agent.OpenAsync(cancellationToken: token);
        await session.ReadAsync(prompt, blocks, token);
        WrittenText? written = null;
        await foreach (WriteUpdate update in session.WriteAsync(
            new WriteOptions { MaxNewTokens = maxNewTokens, Sampling = new SamplingOptions { DoSample = false } },
            token))
            written = update.Completed ?? written;
        return written!;
    }

    private static int CompareRollouts(MasCase recorded, string role, int batch, int row, IReadOnlyList<FreeRun> runs, bool forced, TensorFile tensors)
    {
        RecordedStage[] thoughts = [.. Thoughts(recorded, role)];
        Assert.Equal(thoughts.Length, runs[0].Rollouts[role].Count);
        for (int i = 0; i < thoughts.Length; i++)
        {
            Tensor expected = tensors[thoughts[i].Rollouts[batch].Tensor][row], actual = runs[0].Rollouts[role][i];
            string what = $"{recorded.Style}/{recorded.Name} {role} round {thoughts[i].Round}";
            if (recorded.Dtype == "float32")
            {
                if (!forced)
                    FreeRunning.Close(expected, actual, FreeRunning.Allowed(actual, runs.Skip(1).Select(run => run.Rollouts[role][i])), what);
                bool textAlone = thoughts[i].Round == 1 && thoughts[i].Prompts.All(prompt => prompt.Markers.Count == 0);
                int certain = textAlone ? (int)Math.Min(2, expected.size(0)) : 0;
                TensorChecks.Close(expected.narrow(0, 0, certain), actual.narrow(0, 0, certain), what: $"{what}, first states");
            }
            else if (thoughts[i] == recorded.Stages.First(stage => stage.Rollouts.Count > 0))
            {
                // In reduced precision only the very first state is determined.
                Assert.True(TensorChecks.SmallestCosine(expected.narrow(0, 0, 1), actual.narrow(0, 0, 1)) > 0.999, what);
            }
        }

        return thoughts.Length;
    }

    private static int CompareBlocks(MasCase recorded, MasSystem mas, int batch, int row, IReadOnlyList<FreeRun> runs, bool forced, TensorFile tensors)
    {
        int compared = 0;
        foreach (IGrouping<string, MasEdge> sender in mas.Edges.GroupBy(edge => edge.From))
        {
            MasEdge[] edges = [.. sender];
            RecordedStage[] thoughts = [.. Thoughts(recorded, sender.Key)];
            for (int place = 0; place < edges.Length; place++)
            {
                string key = edges[place].Key;
                Assert.Equal(thoughts.Length, runs[0].Blocks[key].Count);
                for (int i = 0; i < thoughts.Length; i++)
                {
                    RecordedBlock expected = thoughts[i].Blocks[(batch * edges.Length) + place];
                    Tensor actual = runs[0].Blocks[key][i];
                    Assert.Equal(expected.Dtype, DtypeNames.Torch(actual.dtype));
                    if (recorded.Dtype == "float32" && !forced)
                    {
                        double[] allowed = FreeRunning.Allowed(actual, runs.Skip(1).Select(run => run.Blocks[key][i]));
                        FreeRunning.Close(tensors[expected.Tensor][row], actual, allowed, $"{recorded.Style}/{recorded.Name} {key} round {thoughts[i].Round}");
                    }

                    compared++;
                }
            }
        }

        return compared;
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
                Device = TestDevice.Name,
                Dtype = dtype,
                LinkDtype = dtype,
                ManagedKernels = TestKernels.Managed,
                Prompts = new RecordedPrompts(recorded, StyleCatalogue.Find(recorded.Style).Graph),
                Compatibility = compatibility,
            },
            cancellationToken: TestContext.Current.CancellationToken);
    }
}
