using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>An agent without a model: its thoughts are numbers that tell where they come from.</summary>
internal sealed class FakeAgent(string name, int width, int identity, List<string> log) : ILatentAgent
{
    private int _open;

    public string Name => name;

    public int HiddenSize => width;

    public ScalarType EmbeddingDtype { get; init; } = ScalarType.Float32;

    public Func<AgentPrompt, Tensor, Tensor>? Disturb { get; init; }

    public Action? BeforeStep { get; init; }

    public Func<string, string>? Write { get; init; }

    /// <summary>Told of the blocks of every prompt that is read.</summary>
    public Action<IReadOnlyDictionary<string, LatentBlock>>? BlocksRead { get; init; }

    /// <summary>Sessions that have been opened and not disposed.</summary>
    public int OpenSessions => _open;

    /// <summary>Positions of the agent; a letter takes one.</summary>
    public int? MaxPositions { get; init; }

    public PromptSize? Measure(AgentPrompt prompt) =>
        MaxPositions is { } most ? new PromptSize(prompt.User.Sum(part => part.Kind == PromptPartKind.Slot ? 0 : part.Value.Length), most) : null;

    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _open);
        return ValueTask.FromResult<IAgentSession>(new Session(this));
    }

    private void Note(string line)
    {
        lock (log)
            log.Add(line);
    }

    private sealed class Session(FakeAgent agent) : ILatentSession
    {
        private string _read = "";
        private AgentPrompt? _prompt;
        private bool _disposed;

        public int Length => _read.Length;

        public long CacheBytes => 100;

        public Task<PromptRead> ReadAsync(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks, CancellationToken cancellationToken = default)
        {
            _prompt = prompt;
            _read = Describe(prompt, blocks);
            agent.BlocksRead?.Invoke(blocks);
            return Task.FromResult(new PromptRead(7, 2));
        }

        public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default)
        {
            _read += "+" + string.Concat(parts.Select(part => part.Value)).Trim();
            return Task.FromResult(new PromptRead(1, 0));
        }

        public Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default)
        {
            agent.Note($"{agent.Name} thinks {_read}");
            for (int step = 1; step <= steps; step++)
            {
                agent.BeforeStep?.Invoke();
                cancellationToken.ThrowIfCancellationRequested();
                stepTaken?.Invoke(step);
            }

            using var scope = NewDisposeScope();
            Tensor states = full([steps, agent.HiddenSize], agent.Identity, float32);
            if (agent.Disturb is not null)
                states = agent.Disturb(_prompt!, states);
            return Task.FromResult(new Thought(new LatentBlock(states.clone()), new LatentBlock(states + 0.5)));
        }

        public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            agent.Note($"{agent.Name} writes {_read}");
            string text = agent.Write?.Invoke(_read) ?? $"{agent.Name} says so";
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new WriteUpdate(1, text);
            yield return new WriteUpdate(null, "", new WrittenText(text, [1], FinishReason.EndOfSequence));
        }

        public IAgentSession Fork() => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            if (!_disposed)
                Interlocked.Decrement(ref agent._open);
            _disposed = true;
            return ValueTask.CompletedTask;
        }

        private static string Describe(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks)
        {
            using var scope = NewDisposeScope();
            string text = string.Concat(prompt.User.Select(part => part.Kind == PromptPartKind.Slot ? $"<{part.Value}>" : part.Value));
            string filled = string.Concat(blocks
                .OrderBy(block => block.Key, StringComparer.Ordinal)
                .Select(block => $" {block.Key}={First(block.Value.Values)}[{string.Join(',', block.Value.Values.shape)}]"));
            return $"'{text}'{filled}";

            static string First(Tensor values) =>
                values.numel() == 0 ? "empty" : values.flatten()[0].ToSingle().ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    private int Identity => identity;
}

/// <summary>An agent that only writes.</summary>
internal sealed class FakeWriter(string name) : IAgent
{
    public string Name => name;

    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IAgentSession>(new Session(name));

    private sealed class Session(string name) : IAgentSession
    {
        public Task<PromptRead> ReadAsync(AgentPrompt prompt, CancellationToken cancellationToken = default) =>
            Task.FromResult(new PromptRead(1, 0));

        public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default) =>
            Task.FromResult(new PromptRead(1, 0));

        public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield return new WriteUpdate(null, $"{name} ");
            yield return new WriteUpdate(null, "wrote", new WrittenText($"{name} wrote", [], FinishReason.EndOfSequence));
        }

        public IAgentSession Fork() => new Session(name);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Adds a constant and changes the width.</summary>
internal sealed class FakeLink(int input, int output, float added) : IRecursiveLink
{
    public string AdapterType => "fake";

    public int InputSize => input;

    public int OutputSize => output;

    public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
    {
        using var scope = NewDisposeScope();
        return new LatentBlock((states.Values.narrow(1, 0, 1).expand(states.Steps, output) + added).to_type(outputDtype).contiguous().alias());
    }

    public void Dispose()
    {
    }
}

/// <summary>Prompts that name the agent and the slots that the graph would fill.</summary>
internal sealed class FakePrompts(MasGraph graph) : IPromptSource
{
    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        var stages = graph.Stages
            .Select((stage, index) => stage.Select(name => (name, index)))
            .SelectMany(pairs => pairs)
            .ToDictionary(pair => pair.name, pair => pair.index);
        IEnumerable<MasEdge> edges = graph.EdgesInto(agent).Where(edge => round > 1 || stages[edge.From] < stages[agent]);
        return new AgentPrompt(
            "system",
            [PromptPart.Text($"{agent} r{round} "), PromptPart.Given(question.Text), .. edges.Select(edge => PromptPart.Slot(edge.Slot))]);
    }
}
