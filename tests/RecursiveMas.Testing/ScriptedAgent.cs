using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Testing;

/// <summary>
/// A model without a model: what it holds is text, each piece of its script is a token, and its thoughts are zeros. It keeps to every option of writing
/// and counts what it reads.
/// </summary>
/// <param name="name">Name of the role.</param>
/// <param name="script">Writes behind the text that a session holds; the end-of-sequence token follows by itself.</param>
public sealed class ScriptedAgent(string name, Func<string, IEnumerable<string>> script) : ILatentAgent
{
    private int _open;

    public string Name => name;

    public int HiddenSize => 2;

    public ScalarType EmbeddingDtype => ScalarType.Float32;

    /// <summary>Positions of the model: a letter that is read takes one, and so does a token that is written.</summary>
    public int? MaxPositions { get; init; }

    /// <summary>Waits before each token.</summary>
    public Func<CancellationToken, Task>? BeforeToken { get; init; }

    /// <summary>Whether sessions end texts where a rule says.</summary>
    public bool KeepsRules { get; init; } = true;

    public int OpenSessions => _open;

    /// <summary>Everything that was appended, over all sessions.</summary>
    public List<string> Appended { get; } = [];

    /// <summary>Options of each text, over all sessions.</summary>
    public List<WriteOptions> Written { get; } = [];

    /// <summary>Prompts that were read, over all sessions.</summary>
    public int PromptsRead { get; private set; }

    public PromptSize? Measure(AgentPrompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return MaxPositions is { } most ? new PromptSize(prompt.UserText.Length, most) : null;
    }

    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _open);
        return ValueTask.FromResult<IAgentSession>(new Session(this));
    }

    private sealed class Session(ScriptedAgent agent) : ILatentSession
    {
        private string _held = "";

        public int Length { get; private set; }

        public Task<PromptRead> ReadAsync(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            agent.PromptsRead++;
            (_held, Length) = (prompt.UserText, prompt.UserText.Length);
            return Task.FromResult(new PromptRead(Length, 0));
        }

        public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string text = string.Concat(parts.Select(part => part.Value));
            if (Length + text.Length > agent.MaxPositions)
                throw new PromptException("no positions are left");
            lock (agent.Appended)
                agent.Appended.Add(text);
            _held += text;
            Length += text.Length;
            return Task.FromResult(new PromptRead(text.Length, 0));
        }

        public Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default)
        {
            for (int step = 1; step <= steps; step++)
                stepTaken?.Invoke(step);
            return Task.FromResult(new Thought(Zeros(steps), Zeros(steps)));
        }

        public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            lock (agent.Written)
                agent.Written.Add(options);
            IStopRule? rule = agent.KeepsRules ? options.StopRule?.Invoke() : null;
            var ids = new List<int>();
            string text = "";
            FinishReason? finish = null;
            using IEnumerator<string> pieces = agent.Script(_held).GetEnumerator();
            while (finish is null)
            {
                if (agent.BeforeToken is { } wait)
                    await wait(cancellationToken);
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                bool ends = !pieces.MoveNext();
                string piece = ends ? "" : pieces.Current;
                ids.Add(ends ? 0 : ids.Count + 1);
                int? kept = rule?.Append(piece);
                piece = kept is { } length ? piece[..length] : piece;
                text += piece;
                _held += piece;
                Length++;
                finish = kept is not null ? FinishReason.StopRule
                    : ends ? FinishReason.EndOfSequence
                    : ids.Count == options.MaxNewTokens ? FinishReason.MaxNewTokens : null;
                yield return new WriteUpdate(ids[^1], piece);
            }

            yield return new WriteUpdate(null, "", new WrittenText(text, ids, finish.Value));
        }

        public IAgentSession Fork()
        {
            Interlocked.Increment(ref agent._open);
            return new Session(agent) { _held = _held, Length = Length };
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref agent._open);
            return ValueTask.CompletedTask;
        }

        private static LatentBlock Zeros(int steps)
        {
            using var scope = NewDisposeScope();
            return new LatentBlock(zeros([steps, 2]).clone());
        }
    }

    private IEnumerable<string> Script(string held) => script(held);
}
