using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecursiveMas.Answers;
using RecursiveMas.Catalogue;
using RecursiveMas.Loading;
using RecursiveMas.Options;
using RecursiveMas.Prompts;
using RecursiveMas.Shared;
using RecursiveMas.Systems;

namespace RecursiveMas;

/// <summary>A recursive multi-agent system in memory: give it a question, get the answer that its agents found together.</summary>
/// <remarks>
/// All members are safe for concurrent calls; questions that run at once share every pass over the weights. Prompts and answers are
/// logged at Trace only. Disposing cancels running calls and waits for them; they raise an <see cref="ObjectDisposedException"/>. A call that is
/// cancelled by its own token raises an <see cref="OperationCanceledException"/> with that token.
/// </remarks>
public sealed class MasSystem : IDisposable, IAsyncDisposable
{
    private readonly MasOptions _options;
    private readonly LoadedSystem _system;
    private readonly RequestGate _gate;
    private readonly SystemLog _log;
    private readonly Lazy<Task> _closing;

    private MasSystem(StyleDefinition style, LoadedSystem system, MasOptions options, SystemLog log)
    {
        Style = style;
        _system = system;
        _options = options;
        _log = log;
        _gate = new RequestGate(options.MaxConcurrency, options.MaxQueue);
        QueueMetrics.Watch(_gate, style.Name);
        _closing = new Lazy<Task>(() => Task.Run(CloseAsync));
    }

    /// <summary>What the system is made of.</summary>
    public StyleDefinition Style { get; }

    /// <summary>
    /// The agents by role, in the order in which they act: what was loaded is a <see cref="LatentAgent"/> with its model, tokenizer and inner link, what
    /// <see cref="MasOptions.Agents"/> gave is that. They are those that questions run on, and can be used beside them: a session opened here shares
    /// its steps with them. A role that is not there raises a <see cref="GraphException"/> that lists those that are. Nothing is loaded by looking.
    /// </summary>
    /// <remarks>
    /// Agents stay the system's: disposing it ends their sessions. Where kinds of questions have links of their own these are the agents for
    /// <see cref="TaskKind.Math"/>; see <see cref="GetEngineAsync"/>.
    /// </remarks>
    public IReadOnlyDictionary<string, IAgent> Agents => _system.Engine.Agents;

    /// <summary>The outer links by the key of their edge, for example "outer_12"; empty in a system that was loaded for the text channel.</summary>
    /// <remarks>
    /// Links stay the system's. Where kinds of questions have links of their own these are the links for <see cref="TaskKind.Math"/>; see
    /// <see cref="GetEngineAsync"/>.
    /// </remarks>
    public IReadOnlyDictionary<string, IRecursiveLink> Links => _system.Engine.Links;

    /// <summary>The edges between the agents.</summary>
    public IReadOnlyList<MasEdge> Edges => Style.Graph.Edges;

    /// <summary>The options that the system was loaded with: a copy, whose changes have no effect.</summary>
    public MasOptions Options => _options.Copy();

    /// <summary>Where the agents' prompts come from: <see cref="MasOptions.Prompts"/>, else those of the system.</summary>
    public IPromptSource PromptSource => Prompts();

    /// <summary>The repository of each agent that was loaded, by role.</summary>
    public IReadOnlyDictionary<string, CheckpointFolder> AgentFolders => _system.Folders;

    /// <summary>The repository of the outer links; null if the system was loaded without.</summary>
    public CheckpointFolder? LinkFolder => _system.LinkFolder;

    /// <summary>Kinds of questions that every agent has a prompt for.</summary>
    public IReadOnlyList<TaskKind> Kinds => [.. Enum.GetValues<TaskKind>().Where(kind => PromptKinds.Has(Prompts(), Style.Graph, kind))];

    /// <summary>
    /// What is worth knowing about how the system was loaded, for example that memory may be too small. Usually empty. The same is logged as warnings.
    /// </summary>
    public IReadOnlyList<string> Warnings => _system.Warnings;

    /// <summary>Names of the systems that the library knows.</summary>
    public static IReadOnlyList<string> KnownSystems => [.. StyleCatalogue.All.Select(style => style.Name)];

    /// <summary>What a known system is made of. Nothing is loaded.</summary>
    /// <param name="name">Its name, one of <see cref="KnownSystems"/>.</param>
    /// <exception cref="InvalidOptionException">There is no system of this name; the known ones are listed.</exception>
    public static StyleDefinition GetDefinition(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return StyleCatalogue.Find(name);
    }

    /// <summary>Loads a system.</summary>
    /// <param name="nameOrFolder">
    /// A known name ("sequential_tiny" needs no files; released systems are looked for in the local hub cache and downloaded if need be), or a folder that
    /// holds the repositories of a system as plain folders or as a hub cache, or on the text channel the folder of one model for all roles. Null: taken
    /// from the options.
    /// </param>
    /// <param name="options">How to load, and defaults of every question.</param>
    /// <param name="progress">
    /// Receives each part that has been loaded, and how far weights and downloads have come; one call at a time, on loading threads; it must return
    /// quickly.
    /// </param>
    /// <param name="loggerFactory">
    /// Receives times, devices, types and memory at Information, names of agents at Debug, prompts and texts at Trace.
    /// </param>
    /// <param name="cancellationToken">Checked before each weight, and while files are downloaded.</param>
    /// <exception cref="CheckpointException">A file is missing or does not fit; nothing stays in memory.</exception>
    /// <exception cref="InvalidOptionException">An option has an impossible value.</exception>
    /// <exception cref="NotEnoughMemoryException">The system does not fit into memory, see <see cref="MasOptions.MemoryCheck"/>.</exception>
    /// <exception cref="NativeLibraryException">libtorch is missing.</exception>
    public static Task<MasSystem> LoadAsync(
        string? nameOrFolder = null,
        MasOptions? options = null,
        IProgress<MasLoadProgress>? progress = null,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default) =>
        LoadAsync(finder => finder.Find(nameOrFolder), finder => finder.Released(nameOrFolder), options, progress, loggerFactory, cancellationToken);

    /// <summary>Loads a system of your own.</summary>
    /// <param name="definition">Its agents, edges, prompts and repositories.</param>
    /// <param name="folder">
    /// Folder that holds the repositories as plain folders or as a hub cache, or on the text channel the folder of one model for all roles. Null if
    /// the options give all agents and links, so that nothing is loaded.
    /// </param>
    /// <param name="options">How to load, and defaults of every question.</param>
    /// <param name="progress">
    /// Receives each part that has been loaded, and how far weights and downloads have come; one call at a time, on loading threads; it must return
    /// quickly.
    /// </param>
    /// <param name="loggerFactory">
    /// Receives times, devices, types and memory at Information, names of agents at Debug, prompts and texts at Trace.
    /// </param>
    /// <param name="cancellationToken">Checked before each weight, and while files are downloaded.</param>
    /// <exception cref="CheckpointException">A file is missing or does not fit; nothing stays in memory.</exception>
    /// <exception cref="InvalidOptionException">An option has an impossible value.</exception>
    /// <exception cref="NotEnoughMemoryException">The system does not fit into memory, see <see cref="MasOptions.MemoryCheck"/>.</exception>
    /// <exception cref="NativeLibraryException">libtorch is missing.</exception>
    public static Task<MasSystem> LoadAsync(
        StyleDefinition definition,
        string? folder,
        MasOptions? options = null,
        IProgress<MasLoadProgress>? progress = null,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return LoadAsync(finder => finder.Find(definition, folder), _ => null, options, progress, loggerFactory, cancellationToken);
    }

    /// <summary>Loads a system and waits for it.</summary>
    /// <param name="nameOrFolder">Name of a known system, or a folder that holds the repositories of one. Null: taken from the options.</param>
    /// <param name="options">How to load, and defaults of every question.</param>
    public static MasSystem Load(string? nameOrFolder = null, MasOptions? options = null) => LoadAsync(nameOrFolder, options).GetAwaiter().GetResult();

    /// <summary>Estimates the memory that a system takes, from configurations and the headers of files, without loading it.</summary>
    /// <param name="nameOrFolder">Name of a known system, or a folder that holds the repositories of one. Null: taken from the options.</param>
    /// <param name="options">How it would be loaded.</param>
    /// <param name="workload">What one question asks of each agent. Default: as published, with prompts of 1024 positions.</param>
    /// <exception cref="CheckpointException">A file is missing or not of the model that its configuration describes.</exception>
    /// <exception cref="InvalidOptionException">An option has an impossible value.</exception>
    public static MasMemoryEstimate EstimateMemory(string? nameOrFolder = null, MasOptions? options = null, MemoryWorkload? workload = null)
    {
        RecursiveMasRuntime.Initialize();
        options ??= new MasOptions();
        OptionCheck.Require(options);
        FoundSystem found = new SystemFinder(options).Find(nameOrFolder);
        OptionCheck.Require(options, found.Style);
        return SystemMemory.Estimate(found, options, workload);
    }

    /// <summary>Asks one question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token.</param>
    /// <exception cref="ArgumentNullException">There is no question.</exception>
    /// <exception cref="RecursiveMasException">The question is empty or too long, or something went wrong; the message says what and where.</exception>
    public Task<MasAnswer> AskAsync(string question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return AskAsync(new MasQuestion(question), null, cancellationToken);
    }

    /// <summary>Asks one question with settings of its own.</summary>
    /// <param name="question">The question.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token.</param>
    /// <exception cref="ArgumentNullException">There is no question.</exception>
    /// <exception cref="RecursiveMasException">The question is empty or too long, or something went wrong; the message says what and where.</exception>
    public Task<MasAnswer> AskAsync(MasQuestion question, AskOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return RunAsync(new Asked(question, options), null, cancellationToken);
    }

    /// <summary>Asks many questions, as many at once as <see cref="MasOptions.MaxConcurrency"/> says, and returns each result as soon as it is ready.</summary>
    /// <param name="questions">The questions; the sequence is enumerated to its end immediately.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="progress">Receives the number of finished questions whenever one finishes.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token. Leaving the loop early cancels too.</param>
    /// <returns>
    /// One result a question, in the order in which they are ready: its place, and its answer or what went wrong with it. A question that fails does not
    /// affect the others. After a cancellation, results that were ready are returned first.
    /// </returns>
    /// <exception cref="ArgumentNullException">There are no questions.</exception>
    /// <exception cref="InvalidOptionException">A setting is out of range, or a question is null.</exception>
    public IAsyncEnumerable<MasResult> AskManyAsync(
        IEnumerable<MasQuestion> questions, AskOptions? options = null, IProgress<MasAskProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        DeviceWorker.RequireOther("A question");
        var all = new List<MasQuestion>();
        foreach (MasQuestion question in questions)
        {
            // What is read of an endless sequence is dropped where results would begin.
            if (cancellationToken.IsCancellationRequested)
                break;
            all.Add(question
                ?? throw new InvalidOptionException(nameof(questions), $"the question at place {all.Count} is null. Leave it out, or give it some text."));
        }

        AskSettings settings = AskSettings.Resolve(options, _options, Style.Defaults);
        return new ManyQuestions(
            (question, neighbours, place, token) => RunAsync(new Asked(question, options) { Neighbours = neighbours, Place = place }, null, token),
            // A group of neighbours runs as a whole or not at all.
            Math.Min(settings.MaxConcurrency, _options.MaxConcurrency),
            settings.Channel == MasChannel.Shuffled,
            progress).RunAsync(all, cancellationToken);
    }

    /// <summary>Asks many questions whose kind is <see cref="TaskKind.Math"/>, and returns each result as soon as it is ready.</summary>
    /// <param name="questions">The questions; the sequence is enumerated to its end immediately.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="progress">Receives the number of finished questions whenever one finishes.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token. Leaving the loop early cancels too.</param>
    /// <returns>One result a question, in the order in which they are ready: its place, and its answer or what went wrong with it.</returns>
    /// <exception cref="ArgumentNullException">There are no questions.</exception>
    /// <exception cref="InvalidOptionException">A setting is out of range, or a question is null.</exception>
    public IAsyncEnumerable<MasResult> AskManyAsync(
        IEnumerable<string> questions, AskOptions? options = null, IProgress<MasAskProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return AskManyAsync(questions.Select(text => text is null ? null! : new MasQuestion(text)), options, progress, cancellationToken);
    }

    /// <summary>Asks one question and streams everything that happens: stages, latent steps, hops, tokens; the last update is the answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token.</param>
    /// <exception cref="ArgumentNullException">There is no question.</exception>
    /// <exception cref="RecursiveMasException">The question is empty or too long, or something went wrong; the message says what and where.</exception>
    public IAsyncEnumerable<MasUpdate> AskStreamingAsync(string question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return AskStreamingAsync(new MasQuestion(question), null, cancellationToken);
    }

    /// <summary>Asks one question with settings of its own and streams everything that happens; the last update is the answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token. Leaving the loop early cancels too.</param>
    /// <exception cref="ArgumentNullException">There is no question.</exception>
    /// <exception cref="RecursiveMasException">The question is empty or too long, or something went wrong; the message says what and where.</exception>
    public IAsyncEnumerable<MasUpdate> AskStreamingAsync(MasQuestion question, AskOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        DeviceWorker.RequireOther("A question");
        return StreamAsync(question, options, cancellationToken);
    }

    private async IAsyncEnumerable<MasUpdate> StreamAsync(
        MasQuestion question,
        AskOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var updates = Channel.CreateUnbounded<MasUpdate>(new UnboundedChannelOptions { SingleReader = true });
        Task run = Task.Run(() => RunAsync(new Asked(question, options), update => updates.Writer.TryWrite(update), stop.Token), CancellationToken.None);
        _ = run.ContinueWith(_ => updates.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (MasUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return update;
            await Task.WhenAny(run).ConfigureAwait(false);
            if (run.IsCanceled)
                cancellationToken.ThrowIfCancellationRequested();
            await run.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(run).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The engine that runs questions of a kind, with its agents and links. Links that it needs are loaded if they are not in memory yet. Runs of the
    /// engine itself pass by
    /// <see cref="MasOptions.MaxConcurrency"/>; they have to end before the system is disposed.
    /// </summary>
    /// <param name="kind">Kind of question; it decides about links where there is a set for each task.</param>
    /// <param name="channel">How agents hand over. Default: null, as the options say.</param>
    /// <param name="cancellationToken">Ends the wait for links.</param>
    /// <exception cref="CheckpointException">A link is missing or does not fit, or there are no links for this kind.</exception>
    /// <exception cref="InvalidOptionException">The kind or the channel does not exist, or the system was loaded without links.</exception>
    public async Task<RecursionEngine> GetEngineAsync(TaskKind kind, MasChannel? channel = null, CancellationToken cancellationToken = default)
    {
        Given.Defined(kind, nameof(kind));
        MasChannel handOver = Given.Defined(channel ?? _options.Channel ?? MasChannel.Latent, nameof(channel));
        using RequestGate.Pass pass = _gate.Enter(this, cancellationToken, bounded: false);
        try
        {
            return await _system.EngineAsync(kind, handOver, pass.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (pass.Token.IsCancellationRequested)
        {
            throw pass.Explain(error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ReentrantCallException">A thread that computes called, such as a logits processor.</exception>
    public void Dispose()
    {
        DeviceWorker.RequireOther("Disposal");
        DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Cancels what is running, waits for it and releases the models. Every call waits until that is done.</summary>
    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        await _gate.CloseAsync().ConfigureAwait(false);
        QueueMetrics.Forget(_gate);
        await _system.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<MasAnswer> RunAsync(Asked asked, Action<MasUpdate>? listener, CancellationToken cancellationToken)
    {
        DeviceWorker.RequireOther("A question");
        long began = Stopwatch.GetTimestamp();
        using RequestGate.Pass pass = _gate.Enter(this, cancellationToken);
        _log.Asked(asked.Question);
        try
        {
            await pass.AdmitAsync().ConfigureAwait(false);
            TimeSpan waited = Stopwatch.GetElapsedTime(began);
            QueueMetrics.Record(Style.Name, waited);
            MasAnswer answer = await RunInsideAsync(asked with { Waited = waited }, listener, pass.Token).ConfigureAwait(false);
            _log.Answered(answer, Stopwatch.GetElapsedTime(began));
            return answer;
        }
        catch (OperationCanceledException error) when (pass.Token.IsCancellationRequested)
        {
            Exception reason = pass.Explain(error);
            _log.Stopped(reason, Stopwatch.GetElapsedTime(began));
            throw reason;
        }
        catch (Exception error)
        {
            _log.Stopped(error, Stopwatch.GetElapsedTime(began));
            throw;
        }
    }

    private async Task<MasAnswer> RunInsideAsync(Asked asked, Action<MasUpdate>? listener, CancellationToken cancellationToken)
    {
        MasQuestion question = asked.Question;
        AskSettings settings = AskSettings.Resolve(asked.Options, _options, Style.Defaults, question.Kind);
        IPromptSource prompts = Prompts();
        if (settings.AnswerPass == true && question.Kind != TaskKind.Free && prompts.GetAnswerPass(question) is null)
        {
            throw new InvalidOptionException(
                nameof(MasOptions.AnswerPass),
                $"the prompts have no addition for the kind '{question.Kind}' that a writer could go on from. Add it under \"answer_pass\", " +
                "or leave the option out.");
        }

        RecursionEngine engine = await _system.EngineAsync(question.LinkKind ?? question.Kind, settings.Channel, cancellationToken).ConfigureAwait(false);
        return await engine.RunAsync(
            new RunRequest
            {
                Question = question,
                Prompts = prompts,
                Rounds = settings.Rounds,
                LatentSteps = settings.LatentSteps,
                MaxNewTokens = settings.MaxNewTokens,
                Sampling = settings.Sampling,
                Seed = settings.Seed,
                AlternativeSeeds = asked.Options?.AlternativeSeeds ?? [],
                StopSequences = settings.StopSequences,
                System = Style.Name,
                Waited = asked.Waited,
                TelemetryContent = settings.TelemetryContent,
                Channel = settings.Channel,
                Neighbours = asked.Neighbours,
                Place = asked.Place,
                Tools = settings.Tools,
                ReadOutTokens = settings.ReadOutTokens,
                ReferenceTools = _options.Compatibility == MasCompatibility.Reference,
                EnableThinking = settings.EnableThinking,
                Answers = new AnswerReader(prompts, _options.Compatibility, settings.AnswerPass ?? true, settings.AnswerPassTokens),
            },
            listener,
            cancellationToken).ConfigureAwait(false);
    }

    private IPromptSource Prompts()
    {
        IPromptSource prompts = _options.Prompts ?? Style.Prompts;
        return _options.Compatibility == MasCompatibility.Reference && Style.ReferencePrompts is { } choose ? choose(prompts) : prompts;
    }

    private static Task<MasSystem> LoadAsync(
        Func<SystemFinder, FoundSystem> find,
        Func<SystemFinder, ReleasedSystem?> released,
        MasOptions? options,
        IProgress<MasLoadProgress>? progress,
        ILoggerFactory? loggerFactory,
        CancellationToken cancellationToken)
    {
        MasOptions copy = (options ?? new MasOptions()).Copy();
        long began = Stopwatch.GetTimestamp();
        return Task.Run(
            async () =>
            {
                RecursiveMasRuntime.Initialize();
                OptionCheck.Require(copy);
                var finder = new SystemFinder(copy);
                if (released(finder) is { } system)
                {
                    OptionCheck.Require(copy, StyleCatalogue.Find(system.Name));
                    // A download takes long: where nobody listens, a person at a terminal is told.
                    TextWriter? console = progress is null && loggerFactory is null && HubClient.ShowsProgressBars && !Console.IsErrorRedirected
                        ? Console.Error
                        : null;
                    var files = new ReleasedFiles(copy, progress, loggerFactory ?? NullLoggerFactory.Instance, console);
                    finder = new SystemFinder(copy, await files.FindAsync(StyleCatalogue.Find(system.Name), system, cancellationToken).ConfigureAwait(false));
                }

                FoundSystem found = find(finder);
                AskSettings.Resolve(null, copy, found.Style.Defaults);
                var loader = new SystemLoader(copy, progress, loggerFactory ?? NullLoggerFactory.Instance, cancellationToken);
                LoadedSystem loaded = await loader.LoadAsync(found).ConfigureAwait(false);
                var log = new SystemLog(found.Style.Name, loggerFactory?.CreateLogger<MasSystem>() ?? NullLogger<MasSystem>.Instance);
                log.Loaded(loaded.Engine.Agents.Values, loaded.Memory, Stopwatch.GetElapsedTime(began));
                return new MasSystem(found.Style, loaded, copy, log);
            },
            cancellationToken);
    }

    /// <summary>A question of a call, with the call's settings.</summary>
    private sealed record Asked(MasQuestion Question, AskOptions? Options)
    {
        public ShuffledNeighbours? Neighbours { get; init; }

        public int Place { get; init; }

        public TimeSpan Waited { get; init; }
    }
}
