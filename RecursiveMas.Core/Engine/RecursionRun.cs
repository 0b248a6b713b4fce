using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.Engine;

/// <summary>The state of one run: what lies at the edges, what was used, what happened.</summary>
internal sealed partial class RecursionRun(RecursionEngine engine, RunRequest request, Action<MasUpdate>? listener, ILogger logger, CancellationToken cancellationToken) : IDisposable
{
    private readonly Lock _listening = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, Parcel> _parcels = new(StringComparer.Ordinal);
    private readonly List<HopCrossed> _hops = [];
    private readonly List<StageCompleted> _stages = [];
    private readonly UsageCounter _usage = new(request.Questions.Count);
    private readonly PromptMemory? _memory = request.ReusePrefixes ? new PromptMemory() : null;

    private int Rows => request.Questions.Count;

    private bool TextChannel => request.Channel == MasChannel.Text;

    private int LatentSteps => request.Channel is MasChannel.None or MasChannel.Text ? 0 : request.LatentSteps;

    public async Task<IReadOnlyList<MasAnswer>> RunAsync()
    {
        RecursionStage[] stages = [.. engine.Schedule.GetStages(engine.Graph, request.Rounds)];
        await Task.Run(() => new PromptRoom(engine.Agent, request, LatentSteps).Require(engine.Graph, stages, cancellationToken), cancellationToken).ConfigureAwait(false);
        for (int place = 0; place < stages.Length; place++)
        {
            RecursionStage stage = stages[place];
            cancellationToken.ThrowIfCancellationRequested();
            if (stage.Action == StageAction.Write)
                return await AnswerAsync(stage).ConfigureAwait(false);

            // Agents of one stage are blind to each other: all read before any of them sends.
            StageWork[] work = [.. stage.Agents.Select(agent => Prepare(agent, stage.Round) with { ActsAgain = stages.Skip(place + 1).Any(later => later.Agents.Contains(agent)) })];
            Parcel[][] sent = await AllAsync([.. work.Select(ThinkAndMapAsync)]).ConfigureAwait(false);
            for (int i = 0; i < work.Length; i++)
                Deliver(work[i], sent[i]);
        }

        throw new GraphException("The schedule ended without a stage that writes. Its last stage must write the answer.");
    }

    public void Dispose()
    {
        foreach (Parcel parcel in _parcels.Values)
            parcel.Dispose();
        _parcels.Clear();
        _memory?.Dispose();
    }

    private static async Task<Parcel[][]> AllAsync(Task<Parcel[]>[] tasks)
    {
        try
        {
            return await Task.WhenAll(tasks).ConfigureAwait(false);
        }
        catch
        {
            foreach (Task<Parcel[]> task in tasks.Where(task => task.IsCompletedSuccessfully))
            {
                foreach (Parcel parcel in await task.ConfigureAwait(false))
                    parcel.Dispose();
            }

            throw;
        }
    }

    private StageWork Prepare(string name, int round)
    {
        IAgent agent = engine.Agent(name);
        AgentPrompt[] prompts = [.. request.Questions.Select(question => request.Prompts.GetPrompt(name, round, question))];
        MasEdge[] arrived = [.. engine.Graph.EdgesInto(name).Where(edge => _parcels.ContainsKey(edge.Key))];
        SlotCheck.Require(name, round, prompts, arrived);
        return new StageWork(agent, round, prompts, arrived, [.. engine.Graph.EdgesFrom(name)]);
    }

    private async Task<Parcel[]> ThinkAndMapAsync(StageWork work)
    {
        if (work.Outgoing.Count == 0)
            return [];
        long started = Stopwatch.GetTimestamp();
        Emit(new StageStarted { Agent = work.Name, Round = work.Round, Rounds = request.Rounds, Action = TextChannel ? StageAction.Write : StageAction.Think });
        Parcel[] sent;
        if (TextChannel)
        {
            WrittenText[] texts = await WriteAsync(work, last: false).ConfigureAwait(false);
            sent = [.. work.Outgoing.Select(edge => new Parcel([.. texts.Select(text => text.Text)]))];
        }
        else if (LatentSteps == 0)
        {
            sent = [.. work.Outgoing.Select(edge => new Parcel(LatentBlock.Empty(Rows, engine.Agent(edge.To).HiddenSize)))];
        }
        else
        {
            using Thought thought = await ThinkAsync(work).ConfigureAwait(false);
            sent = await MapAsync(work, thought).ConfigureAwait(false);
        }

        Complete(work, TextChannel ? StageAction.Write : StageAction.Think, started);
        return sent;
    }

    private async Task<Thought> ThinkAsync(StageWork work)
    {
        Thought thought = await work.Agent.ThinkAsync(
            new ThinkRequest
            {
                Prompts = work.Prompts,
                Blocks = Blocks(work),
                Memory = _memory,
                ActsAgain = work.ActsAgain,
                Steps = LatentSteps,
                StepTaken = step => Emit(new LatentStepTaken { Agent = work.Name, Round = work.Round, Step = step, Steps = LatentSteps }),
            },
            cancellationToken).ConfigureAwait(false);
        for (int row = 0; row < Rows; row++)
            _usage.Add(row, work.Name, new AgentUsage(thought.PromptTokens[row], LatentSteps, 0));
        return thought;
    }

    private Task<Parcel[]> MapAsync(StageWork work, Thought thought) =>
        DeviceWorker.For(thought.Mapped.Device).RunAsync(
            () =>
            {
                Require(thought.States, $"Thoughts of '{work.Name}'", work);
                Require(thought.Mapped, $"Inner link of '{work.Name}'", work);
                var sent = new List<Parcel>(work.Outgoing.Count);
                try
                {
                    foreach (MasEdge edge in work.Outgoing)
                    {
                        TorchSharp.torch.ScalarType dtype = edge.Hop == HopDtype.SenderEmbedding ? work.Agent.EmbeddingDtype : TorchSharp.torch.ScalarType.Float32;
                        LatentBlock block = engine.Link(edge).Apply(thought.Mapped, dtype);
                        sent.Add(new Parcel(ChannelControls.Apply(request.Channel, block, NoiseSeed(edge, work.Round))));
                        Require(sent[^1].Block!, $"Link of edge '{edge.Key}'", work);
                    }

                    return sent.ToArray();
                }
                catch
                {
                    sent.ForEach(parcel => parcel.Dispose());
                    throw;
                }
            },
            cancellationToken);

    private void Deliver(StageWork work, Parcel[] sent)
    {
        for (int i = 0; i < sent.Length; i++)
        {
            MasEdge edge = work.Outgoing[i];
            if (_parcels.Remove(edge.Key, out Parcel? earlier))
                earlier.Dispose();
            _parcels.Add(edge.Key, sent[i]);
            HopCrossed hop = Describe(edge, work.Round, sent[i]);
            _hops.Add(hop);
            Emit(hop);
            logger.LogDebug("Round {Round}: {From} to {To}, {Count} vectors of width {Width}, mean norm {Norm}", hop.Round, hop.Agent, hop.To, hop.Shape[1], hop.Shape[2], hop.MeanNorm);
        }
    }

    private Task<WrittenText[]> WriteAsync(StageWork work, bool last) => WriteAsync(
        work,
        new WriteRequest
        {
            Prompts = TextPrompts(work),
            Blocks = TextChannel ? new Dictionary<string, LatentBlock>() : Blocks(work),
            Memory = _memory,
            MaxNewTokens = request.MaxNewTokens,
            Sampling = request.Sampling,
            RowKeys = [.. request.Questions.Select((question, row) => RowKey(question, row, work, last))],
        },
        [.. Enumerable.Range(0, Rows)]);

    /// <param name="work">Who writes.</param>
    /// <param name="write">What to read and how to write.</param>
    /// <param name="rows">Which question each of the prompts belongs to.</param>
    private async Task<WrittenText[]> WriteAsync(StageWork work, WriteRequest write, int[] rows)
    {
        var texts = new WrittenText[rows.Length];
        await foreach (WriteUpdate update in work.Agent.WriteAsync(write, cancellationToken).ConfigureAwait(false))
        {
            int row = rows[update.Row];
            if (update.TokenId is { } token)
                Emit(new TokenWritten { Agent = work.Name, Round = work.Round, Row = row, TokenId = token, Text = update.Text });
            if (update.Completed is not { } text)
                continue;
            texts[update.Row] = text;
            _usage.Add(row, work.Name, new AgentUsage(text.PromptTokens, 0, text.TokenIds.Count));
            logger.LogTrace("Round {Round}: {Agent} wrote for question {Row}: {Text}", work.Round, work.Name, row, text.Text);
        }

        int unfinished = Array.IndexOf(texts, null);
        return unfinished < 0
            ? texts
            : throw new GraphException($"The agent '{work.Name}' ended without a text for question {rows[unfinished] + 1}. Its WriteAsync must complete every row.");
    }

    /// <summary>The prompts, with texts in their slots on the text channel.</summary>
    private AgentPrompt[] TextPrompts(StageWork work) =>
        TextChannel ? [.. work.Prompts.Select((prompt, row) => prompt.WithSlotTexts(Texts(work, row)))] : [.. work.Prompts];

    // The final text depends on seed and question alone, so that a question's answer does not change with the agents before it.
    private static string RowKey(MasQuestion question, int row, StageWork work, bool last)
    {
        string key = question.Id ?? row.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return last ? key : $"{key}/{work.Name}/{work.Round}";
    }

    private Dictionary<string, LatentBlock> Blocks(StageWork work) =>
        work.Arrived.ToDictionary(edge => edge.Slot, edge => _parcels[edge.Key].Block!, StringComparer.Ordinal);

    private Dictionary<string, string> Texts(StageWork work, int row) =>
        work.Arrived.ToDictionary(edge => edge.Slot, edge => _parcels[edge.Key].Texts![row], StringComparer.Ordinal);

    private long NoiseSeed(MasEdge edge, int round)
    {
        long seed = request.Sampling.Seed ?? 0;
        foreach (char letter in edge.Key)
            seed = unchecked((seed * 31) + letter);
        return unchecked((seed * 31) + round) & long.MaxValue;
    }

    private static void Require(LatentBlock block, string where, StageWork work)
    {
        if (block.FirstNonFiniteStep() is { } step)
            throw new NonFiniteException(where, work.Name, work.Round, step);
    }

    private static HopCrossed Describe(MasEdge edge, int round, Parcel parcel)
    {
        (double smallest, double mean, double largest) = parcel.Block?.Norms() ?? default;
        return new HopCrossed
        {
            Agent = edge.From,
            Round = round,
            Edge = edge.Key,
            To = edge.To,
            Slot = edge.Slot,
            Shape = parcel.Block?.Values.shape ?? [parcel.Texts!.Count, 0, 0],
            Dtype = parcel.Block?.Dtype,
            SmallestNorm = smallest,
            MeanNorm = mean,
            LargestNorm = largest,
        };
    }

    private void Complete(StageWork work, StageAction action, long started)
    {
        var completed = new StageCompleted { Agent = work.Name, Round = work.Round, Action = action, Duration = Stopwatch.GetElapsedTime(started) };
        lock (_stages)
            _stages.Add(completed);
        Emit(completed);
    }

    private void Emit(MasUpdate update)
    {
        if (listener is null)
            return;
        lock (_listening)
            listener(update);
    }
}
