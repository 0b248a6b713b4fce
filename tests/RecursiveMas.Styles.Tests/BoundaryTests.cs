using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecursiveMas.Serialization;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>
/// Calls every public constructor, method and setter of every library with one wrong argument at a time: null, empty, out of range, a null inside a
/// list. What is wrong is refused where it is given, by an exception that names the argument or one of the library's own.
/// </summary>
public sealed class BoundaryTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What agents, engines, models and serializers call: users never do.
    private static readonly Type[] s_inner =
    [
        typeof(ErrorConverter), typeof(ILinkType), typeof(ILogitsProcessor), typeof(ICausalLanguageModel), typeof(ModelCache), typeof(IRecursiveLink),
        typeof(IAgent), typeof(IPromptSource), typeof(IRecursionSchedule), typeof(IAnswerReader), typeof(IModelTurns), typeof(ShuffledNeighbours),
        typeof(IStopRule), typeof(IMasTool), typeof(ISearchProvider),
    ];

    // Options, which are judged when a system is loaded or asked (NameTests), and what the library itself fills and hands out.
    private static readonly Type[] s_judgedLater =
    [
        typeof(MasOptions), typeof(AskOptions), typeof(RunOptions), typeof(AgentUsage), typeof(ExtractedAnswer), typeof(MasAnswer), typeof(MasResult),
        typeof(MasAskProgress), typeof(MasLoadProgress), typeof(MasMemoryEstimate), typeof(MemoryEstimate), typeof(HostMemory), typeof(PtStorage),
        typeof(PtTensor), typeof(SafetensorsTensor), typeof(EncodedText), typeof(WriteUpdate), typeof(WrittenText), typeof(ModelConfiguration),
        typeof(PromptRead), typeof(PromptSize), typeof(MasDownloadRequest), typeof(ToolCall), typeof(ToolContext), typeof(SandboxFinding),
        typeof(MasAlternative), typeof(PythonRun),
    ];

    private static readonly PythonTool s_python = new();

    private readonly NullabilityInfoContext _nullability = new();

    public static TheoryData<Type> Types() =>
    [
        .. new[]
            {
                typeof(CheckpointFolder), typeof(HuggingFaceTokenizer), typeof(IMasTool), typeof(RecursionEngine), typeof(CausalLanguageModel),
                typeof(MasSystem),
            }
            .SelectMany(type => type.Assembly.GetExportedTypes())
            .Where(type => !type.IsEnum && !type.IsSubclassOf(typeof(Exception)) && !s_inner.Contains(type)),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Whatever_is_wrong_is_refused_where_it_is_given(Type type)
    {
        var faults = new List<string>();
        foreach (ConstructorInfo constructor in type.IsAbstract ? [] : type.GetConstructors())
            await TryAsync(constructor, constructor.GetParameters(), arguments => constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null));
        foreach (MethodInfo method in type.GetMethods(Declared).Where(IsCalled))
        {
            object? target = method.IsStatic ? null : Value(type);
            MethodInfo called = method.IsGenericMethodDefinition ? method.MakeGenericMethod(typeof(int)) : method;
            await TryAsync(method, called.GetParameters(), arguments => called.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        }

        foreach (PropertyInfo property in type.IsAbstract ? [] : type.GetProperties(Declared).Where(property => property.SetMethod is { IsPublic: true }))
        {
            object target = Value(type);
            await TryAsync(
                property,
                property.SetMethod!.GetParameters(),
                arguments => property.SetMethod.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));

        async Task TryAsync(MemberInfo member, ParameterInfo[] parameters, Func<object?[], object?> call)
        {
            foreach (ParameterInfo parameter in parameters.Where(parameter => !parameter.IsOut))
            {
                bool needed = !parameter.ParameterType.IsValueType && _nullability.Create(parameter).WriteState == NullabilityState.NotNull;
                foreach (object? wrong in Wrong(parameter.ParameterType))
                {
                    object?[] arguments = [.. parameters.Select(other => other == parameter ? wrong : other.IsOut ? null : Value(other.ParameterType, other))];
                    string fault = $"{type.Name}.{member.Name}({parameter.Name}: {wrong ?? "null"})";
                    try
                    {
                        await ConsumeAsync(call(arguments));
                        if (((wrong is null && needed) || wrong is Enum) && !s_judgedLater.Contains(type) && !type.IsSubclassOf(typeof(MasUpdate)))
                            faults.Add($"{fault} was taken");
                    }
                    catch (RecursiveMasException)
                    {
                    }
                    catch (ArgumentNullException error) when (error.ParamName == (member is PropertyInfo ? member.Name : parameter.Name))
                    {
                    }
                    catch (ArgumentOutOfRangeException error) when (parameters.Any(other => error.ParamName == other.Name))
                    {
                    }
                    catch (Exception error)
                    {
                        faults.Add($"{fault} ended in {error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()}");
                    }
                }
            }
        }
    }

    /// <summary>Methods that people call by name, with arguments that reflection can hand over.</summary>
    private static bool IsCalled(MethodInfo method) =>
        !method.IsSpecialName
        && method.Name is not ("Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "<Clone>$" or "PrintMembers")
        && !method.GetParameters().Any(parameter => (parameter.ParameterType.GetElementType() ?? parameter.ParameterType).IsByRefLike);

    private static IEnumerable<object?> Wrong(Type type)
    {
        Type inner = Nullable.GetUnderlyingType(type) ?? type;
        if (!type.IsValueType)
            yield return null;
        if (type == typeof(string))
        {
            yield return "";
            yield return " ";
            yield return "a\0b";
            yield return "no/such/thing";
        }
        else if (inner.IsEnum)
        {
            yield return Enum.ToObject(inner, 77);
            yield return Enum.ToObject(inner, -1);
        }
        else if (inner == typeof(int) || inner == typeof(long))
        {
            foreach (long number in new[] { -1, int.MinValue, int.MaxValue })
                yield return inner == typeof(int) ? (object)(int)number : number;
        }
        else if (inner == typeof(double))
        {
            yield return double.NaN;
            yield return -1.0;
        }
        else if (Element(type) is { IsValueType: false } element)
        {
            yield return Array.CreateInstance(element, 0);
            yield return Array.CreateInstance(element, 1);
        }
        else if (type.IsGenericType
            && type.GetGenericTypeDefinition() is var generic
            && (generic == typeof(IReadOnlyDictionary<,>) || generic == typeof(IDictionary<,>)))
        {
            var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GenericTypeArguments))!;
            yield return dictionary;
            if (!type.GenericTypeArguments[1].IsValueType)
                yield return new Func<IDictionary>(() => Filled(type))();
        }
    }

    private static IDictionary Filled(Type type)
    {
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GenericTypeArguments))!;
        dictionary.Add("x", null);
        return dictionary;
    }

    private static Type? Element(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var generic && (generic == typeof(IEnumerable<>) || generic == typeof(IReadOnlyList<>))
            ? type.GenericTypeArguments[0]
            : null;

    private object? Value(Type type, ParameterInfo parameter) =>
        parameter.HasDefaultValue
            && type != typeof(CancellationToken)
            && type != typeof(AskOptions)
            && type != typeof(MasOptions)
            && parameter.Name != "nameOrFolder" ? parameter.DefaultValue : Value(type);

    private object Value(Type type) => new Samples(Known).Of(type);

    private object? Known(Type type) => type switch
    {
        _ when type == typeof(string) => SystemFixture.Name,
        _ when type == typeof(object) => "text",
        _ when type == typeof(int) => 1,
        _ when type == typeof(long) => 1L,
        _ when type.IsEnum => Activator.CreateInstance(type)!,
        _ when type == typeof((int, int)) => (0, 1),
        _ when type == typeof(RunRequest) =>
            new RunRequest { Question = new MasQuestion("x"), Prompts = fixture.System.Style.Prompts, Rounds = 1, LatentSteps = 1, MaxNewTokens = 1 },
        _ when type == typeof(CancellationToken) => TestContext.Current.CancellationToken,
        _ when type == typeof(MasSystem) => fixture.System,
        _ when type == typeof(MasOptions) => new MasOptions { Rounds = 1, LatentSteps = 1, MaxNewTokens = 1 },
        _ when type == typeof(AskOptions) => new AskOptions { Rounds = 1, LatentSteps = 1, MaxNewTokens = 1 },
        _ when type == typeof(ModelResidency) => ModelResidency.All,
        _ when type == typeof(SamplingOptions) => new SamplingOptions(),
        _ when type == typeof(StyleDefinition) => fixture.System.Style with { },
        _ when type == typeof(MasGraph) => fixture.System.Style.Graph,
        _ when type == typeof(PromptCatalogue) || type == typeof(IPromptSource) => fixture.System.Style.Prompts,
        _ when type == typeof(IRecursionSchedule) || type == typeof(RoundSchedule) => RoundSchedule.Instance,
        _ when type == typeof(RecursionEngine) => fixture.System.GetEngineAsync(TaskKind.Math).GetAwaiter().GetResult(),
        _ when type == typeof(LatentAgent) || type == typeof(ILatentAgent) => Agents()["planner"],
        _ when type == typeof(StepScheduler) => ((LatentAgent)Agents()["planner"]).Steps,
        _ when type == typeof(ICausalLanguageModel) => ((LatentAgent)Agents()["planner"]).Model,
        _ when type == typeof(ModelCache) => ((LatentAgent)Agents()["planner"]).Model.CreateCache(),
        _ when type == typeof(IAgentSession) || type == typeof(ILatentSession) => Agents()["planner"].OpenAsync().AsTask().GetAwaiter().GetResult(),
        _ when type == typeof(IReadOnlyDictionary<string, IAgent>) => Agents(),
        _ when type == typeof(IReadOnlyDictionary<string, IRecursiveLink>) => new Dictionary<string, IRecursiveLink>(),
        _ when type == typeof(IReadOnlyList<IReadOnlyList<string>>) => fixture.System.Style.Graph.Stages,
        _ when type == typeof(IReadOnlyList<MasEdge>) => fixture.System.Style.Graph.Edges,
        _ when type == typeof(CheckpointFolder) => Folder,
        _ when type == typeof(HuggingFaceTokenizer) => HuggingFaceTokenizer.Load(Folder),
        _ when type == typeof(IncrementalDecoder) => HuggingFaceTokenizer.Load(Folder).CreateDecoder(skipSpecialTokens: true),
        _ when type == typeof(ChatTemplate) => ChatTemplate.Parse("{{ messages }}"),
        _ when type == typeof(ChatTemplateSet) => ChatTemplateSet.FromTemplate(ChatTemplate.Parse("{{ messages }}")),
        _ when type == typeof(ChatPromptRenderer) =>
            new ChatPromptRenderer(ChatTemplateSet.FromTemplate(ChatTemplate.Parse("{{ messages }}")), new Dictionary<string, string>()),
        _ when type == typeof(IConfiguration) => new ConfigurationBuilder().Build(),
        _ when type == typeof(IServiceCollection) => new ServiceCollection(),
        _ when type == typeof(Action<MasOptions>) => (MasOptions _) => { },
        _ when type == typeof(IMasBuilder) => new ServiceCollection().AddRecursiveMas(options => options.Style = SystemFixture.Name),
        _ when type == typeof(MasSystemSource) =>
            ((IMasBuilder)Value(typeof(IMasBuilder))).Services.BuildServiceProvider().GetRequiredService<MasSystemSource>(),
        _ when type == typeof(MasWarmUpOptions) => new MasWarmUpOptions(),
        _ when type == typeof(Action<MasWarmUpOptions>) => (MasWarmUpOptions _) => { },
        _ when type == typeof(Action<MasUpdate>) => (MasUpdate _) => { },
        _ when type == typeof(Action<int>) => (int _) => { },
        _ when type == typeof(ILoggerFactory) => NullLoggerFactory.Instance,
        _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>([.. "{}"u8]),
        _ when type == typeof(Stream) => Holding(9),
        _ when type == typeof(TextWriter) => new StringWriter(),
        _ when type == typeof(FileBeginning) => new FileBeginning(new byte[1], 1, null),
        _ when type == typeof(IReadOnlyDictionary<string, FileBeginning>) => new Dictionary<string, FileBeginning>(),
        _ when type == typeof(IReadOnlyDictionary<string, torch.Tensor>) => new Dictionary<string, torch.Tensor>(),
        _ when type == typeof(Action<Action<ReadOnlySpan<byte>>>) => (Action<ReadOnlySpan<byte>> _) => { },
        _ when type == typeof(PtTensorSource) => new PtTensorSource("x", ElementType.Float32, [1], take => take(new byte[4])),
        _ when type == typeof(PtStorage) => PtFile.Open(Folder, "adapter.pt").Tensors.Values.First().Storage,
        _ when type == typeof(Func<TextRequest, CancellationToken, Task<string>>) => (TextRequest _, CancellationToken _) => Task.FromResult("text"),
        _ when type == typeof(Func<TextRequest, CancellationToken, IAsyncEnumerable<string>>) =>
            (TextRequest _, CancellationToken _) => AsyncEnumerable.Empty<string>(),
        _ when type == typeof(Func<IStopRule>) => () => (IStopRule)null!,
        _ when type == typeof(Func<string, CancellationToken, Task<string>>) => (string text, CancellationToken _) => Task.FromResult(text),
        _ when type == typeof(ToolOptions) => new ToolOptions(),
        _ when type == typeof(IMasTool) || type == typeof(MasTool) => new MasTool("echo", (text, _) => Task.FromResult(text)),
        _ when type == typeof(IReadOnlyDictionary<string, IReadOnlyList<IMasTool>>) => new Dictionary<string, IReadOnlyList<IMasTool>>(),
        _ when type == typeof(PythonTool) => s_python,
        _ when type == typeof(PythonSandbox) => new PythonSandbox(),
        _ when type == typeof(PythonOptions) => new PythonOptions(),
        _ when type == typeof(SearchTool) => new SearchTool(new FolderSearch(AppContext.BaseDirectory)),
        _ when type == typeof(ISearchProvider) || type == typeof(FolderSearch) => new FolderSearch(Path.Combine(AppContext.BaseDirectory, "encyclopedia")),
        _ when type == typeof(TavilySearch) => new TavilySearch(new TavilyOptions { ApiKey = "xxx" }),
        _ when type == typeof(TavilyOptions) => new TavilyOptions { ApiKey = "xxx" },
        _ when type == typeof(HttpClient) => new HttpClient(),
        _ when type == typeof(Uri) => new Uri("http://localhost/"),
        _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(1),
        _ when type == typeof(Func<int>) => () => 1,
        _ when type == typeof(Func<long, string>) => (long _) => "text",
        _ when type == typeof(Func<ICausalLanguageModel, int>) => (ICausalLanguageModel _) => 1,
        _ when type == typeof(ILinkType) => LinkTypeRegistry.BuiltIn.Find(LinkTypeRegistry.DefaultOuter, "test"),
        _ when type == typeof(LinkTypeRegistry) => LinkTypeRegistry.BuiltIn,
        _ when type == typeof(LinkLoader) => new LinkLoader(),
        _ when type == typeof(ChatTokenizer) => ChatTokenizer.Load(Folder),
        _ when type == typeof(DeviceWorker) => DeviceWorker.For(torch.CPU),
        _ when type == typeof(PtRules) => PtRules.Link,
        _ when type == typeof(PtFile) => PtFile.Open(Folder, "adapter.pt"),
        _ when type == typeof(SafetensorsHeader) => SafetensorsHeader.Read(Folder, "model.safetensors"),
        _ when type == typeof(TextAgent) => new TextAgent("writer", (_, _) => Task.FromResult("text")),
        _ when type == typeof(TimeProvider) => TimeProvider.System,
        _ when type == typeof(Assembly) => typeof(TinySystemFiles).Assembly,
        _ when type == typeof(torch.Tensor) => torch.zeros(1, 1),
        _ when type == typeof(torch.Device) => torch.CPU,
        _ when type == typeof(LatentBlock) => LatentBlock.Empty(1),
        _ when type == typeof(IEnumerable<string>) => new[] { "x" },
        _ when type == typeof(IEnumerable<int>) => new[] { 1 },
        _ when type == typeof(IEnumerable<Range>) => new[] { 0..1 },
        _ when Element(type) is { } element && type.GetGenericTypeDefinition() == typeof(IEnumerable<>) => One(element),
        _ when type == typeof(Thought) => new Thought(LatentBlock.Empty(1), LatentBlock.Empty(1)),
        _ => null,
    };

    private static MemoryStream Holding(int bytes)
    {
        var stream = new MemoryStream();
        stream.Write(new byte[bytes]);
        stream.Position = 0;
        return stream;
    }

    private static CheckpointFolder Folder => CheckpointFolder.FromResources(TinySystemFiles.Assembly, "sequential_tiny/Sequential-Tiny-Planner-Qwen3");

    private IReadOnlyDictionary<string, IAgent> Agents() => fixture.System.Agents;

    private Array One(Type element)
    {
        var list = Array.CreateInstance(element, 1);
        list.SetValue(Value(element), 0);
        return list;
    }

    /// <summary>Waits for what a call returned, so that faults that come late are seen too, and disposes it.</summary>
    private static async Task ConsumeAsync(object? result)
    {
        switch (result)
        {
            case Task task:
                await task;
                await ConsumeAsync(task.GetType().IsGenericType ? task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task) : null);
                break;
            case IAsyncEnumerable<object> stream:
                await foreach (object _ in stream)
                {
                }

                break;
            case IEnumerable list:
                // Enough to get going: rounds without end make stages without end.
                foreach (object? _ in list.Cast<object?>().Take(100))
                {
                }

                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }
}
