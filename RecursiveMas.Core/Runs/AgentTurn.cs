namespace RecursiveMas.Runs;

/// <summary>One agent's part of a stage: what it reads, and the acts that are open to it.</summary>
/// <param name="Parts">Agents and links.</param>
/// <param name="Name">Name of the agent.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Outgoing">Edges that receive what the agent hands over.</param>
/// <param name="QuestionKey">What tells the question apart from others of the same seed.</param>
/// <param name="Prompt">What the agent reads.</param>
/// <param name="Blocks">The blocks of the prompt's slots.</param>
/// <param name="Sessions">Sessions of the run.</param>
/// <param name="Record">What happens is told here.</param>
/// <param name="Tools">Tools that the agent may call while it writes; null for none.</param>
internal sealed record AgentTurn(
    SystemParts Parts,
    string Name,
    int Round,
    IReadOnlyList<MasEdge> Outgoing,
    string QuestionKey,
    AgentPrompt Prompt,
    IReadOnlyDictionary<string, LatentBlock> Blocks,
    SessionSet Sessions,
    RunRecord Record,
    AgentTools? Tools)
{
    /// <summary>Whether the session has read the prompt already and wrote nothing behind it.</summary>
    public bool IsRead { get; init; }

    /// <summary>Reads the prompt and takes latent steps.</summary>
    public async Task<Thought> ThinkAsync(int steps, CancellationToken cancellationToken)
    {
        IAgentSession session = await ReadAsync(cancellationToken).ConfigureAwait(false);
        Thought thought = await Latent(session).ThinkAsync(
            steps,
            step => Record.Emit(new LatentStepTaken { Agent = Name, Round = Round, Step = step, Steps = steps }),
            cancellationToken).ConfigureAwait(false);
        Record.Use(Name, new AgentUsage(0, steps, 0) { CacheBytes = session.CacheBytes });
        return thought;
    }

    /// <summary>Writes behind what a session holds.</summary>
    public async Task<WrittenText> WriteAsync(IAgentSession session, WriteOptions options, CancellationToken cancellationToken)
    {
        WrittenText? written = null;
        await foreach (WriteUpdate update in session.WriteAsync(options, cancellationToken).ConfigureAwait(false))
        {
            if (update.TokenId is not null || update.Text.Length > 0)
                Record.Emit(new TokenWritten { Agent = Name, Round = Round, TokenId = update.TokenId, Text = update.Text });
            written = update.Completed ?? written;
        }

        if (written is null)
            throw new GraphException($"The agent '{Name}' ended without a text. Its WriteAsync must end with an update that holds the whole text.");
        PromptRead read = written.PromptRead ?? default;
        Record.Use(Name, new AgentUsage(read.Positions, 0, written.TokenCount ?? written.TokenIds.Count)
        {
            ReusedPositions = read.Reused,
            CacheBytes = session.CacheBytes,
        });
        return written;
    }

    /// <summary>Notes text that a session has read behind its prompt.</summary>
    public void Count(PromptRead read) => Record.Use(Name, new AgentUsage(read.Positions, 0, 0) { ReusedPositions = read.Reused });

    /// <summary>Opens the agent's session and reads the prompt, unless the session holds it.</summary>
    public async Task<IAgentSession> ReadAsync(CancellationToken cancellationToken)
    {
        IAgentSession session = await Sessions.OpenAsync(Name, cancellationToken).ConfigureAwait(false);
        if (!IsRead)
            await ReadAsync(session, cancellationToken).ConfigureAwait(false);
        return session;
    }

    /// <summary>Reads the prompt.</summary>
    public async Task<PromptRead> ReadAsync(IAgentSession session, CancellationToken cancellationToken)
    {
        PromptRead read = await (Blocks.Count == 0
            ? session.ReadAsync(Prompt, cancellationToken)
            : Latent(session).ReadAsync(Prompt, Blocks, cancellationToken)).ConfigureAwait(false);
        Record.Use(Name, new AgentUsage(read.Positions, 0, 0)
        {
            ReusedPositions = read.Reused,
            SplicedVectors = Blocks.Values.Sum(block => block.Steps),
        });
        return read;
    }

    private ILatentSession Latent(IAgentSession session) => session as ILatentSession
        ?? throw new GraphException(
            $"The agent '{Name}' only writes and cannot think. Use the text channel, or give an agent that implements {nameof(ILatentAgent)}.");
}
