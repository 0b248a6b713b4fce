namespace RecursiveMas.Runs;

/// <summary>The system that a variant asks: the one under test, or its last agent alone. Models stay those that are loaded.</summary>
internal sealed class AskedSystem : IAsyncDisposable
{
    private readonly MasSystem? _owned;

    private AskedSystem(MasSystem system, MasSystem? owned) => (System, _owned) = (system, owned);

    public MasSystem System { get; }

    public static async Task<AskedSystem> OpenAsync(
        MasSystem system, EvaluationVariant variant, EvaluationOptions options, CancellationToken cancellationToken)
    {
        if (variant.Method != EvaluationMethod.Alone)
            return new AskedSystem(system, null);
        string writer = system.Style.Graph.Writer;
        MasOptions loaded = system.Options;
        MasSystem alone = await MasSystem.LoadAsync(
            new StyleDefinition
            {
                Name = system.Style.Name,
                Description = $"The {writer} of {system.Style.Name} alone.",
                Graph = new MasGraph([[writer]], [], writer),
                Prompts = options.AlonePrompts ?? new AlonePrompts(system.PromptSource, writer),
                Defaults = system.Style.Defaults,
            },
            folder: null,
            new MasOptions
            {
                Agents = new Dictionary<string, IAgent>(StringComparer.Ordinal) { [writer] = system.Agents[writer] },
                Channel = MasChannel.Text,
                Compatibility = loaded.Compatibility,
                MaxConcurrency = loaded.MaxConcurrency,
                MaxNewTokens = loaded.MaxNewTokens,
                Sampling = loaded.Sampling,
                AnswerPass = loaded.AnswerPass,
                AnswerPassTokens = loaded.AnswerPassTokens,
                EnableThinking = loaded.EnableThinking,
                StopSequences = loaded.StopSequences,
                Tools = loaded.Tools,
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return new AskedSystem(alone, alone);
    }

    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}
