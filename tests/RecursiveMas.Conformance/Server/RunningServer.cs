using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Chat;
using RecursiveMas.Catalogue;
using RecursiveMas.Server;

namespace RecursiveMas.Conformance.Server;

/// <summary>
/// The sample server on a free port, with the tiny system and two made-up ones: one that never ends, and one that writes ten million letters.
/// </summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string Model = "sequential_tiny", Endless = "endless", Flood = "flood";
    public const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";
    public const string Answer = "all done so = 13\n\\boxed{13}";
    public const int FloodLength = 10_000_000;

    public static readonly Uri Completions = new("/v1/chat/completions", UriKind.Relative);

    private readonly WebApplication _app;
    private int _endlessBegun;
    private int _endlessEnded;
    private int _floods;

    private RunningServer(IEnumerable<(string Key, string Value)> settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(
            [
                new("AllowedHosts", "*"), new($"Systems:{Model}:Style", Model),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
            ]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Add(builder.Services, Endless, EndlessAsync);
        Add(builder.Services, Flood, FloodAsync);
        _app = ServerApp.Build(builder);
    }

    public Uri Address => new(_app.Urls.Single());

    public HttpClient Http => field ??= new HttpClient { BaseAddress = Address };

    public int EndlessBegun => Volatile.Read(ref _endlessBegun);

    public int EndlessEnded => Volatile.Read(ref _endlessEnded);

    /// <summary>Floods that have been written to their end, whoever has read of them.</summary>
    public int Floods => Volatile.Read(ref _floods);

    public static async Task<RunningServer> StartAsync(CancellationToken token, params (string Key, string Value)[] settings)
    {
        var server = new RunningServer(settings);
        await server._app.StartAsync(token);
        foreach (MasSystemSource source in server._app.Services.GetKeyedServices<MasSystemSource>(KeyedService.AnyKey))
            await source.GetAsync(token);
        return server;
    }

    /// <summary>OpenAI's own client. It would try again by itself where it is told to come back later.</summary>
    public OpenAIClient Client(string key = "none") => new(
        new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });

    public ChatClient Chat(string model = Model) => Client().GetChatClient(model);

    public async Task<(int Status, JsonElement Body)> PostAsync(object body, CancellationToken token)
    {
        using HttpResponseMessage response = await Http.PostAsJsonAsync(Completions, body, token);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(token));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var soon = new CancellationTokenSource();
        await soon.CancelAsync();
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static void Add(IServiceCollection services, string name, Func<TextRequest, CancellationToken, IAsyncEnumerable<string>> write)
    {
        StyleDefinition style = StyleCatalogue.Find(Model) with { Name = name };
        services.AddRecursiveMas(name, options =>
        {
            (options.Channel, options.Rounds, options.AnswerPass, options.MaxConcurrency, options.MaxQueue) = (MasChannel.Text, 1, false, 2, 0);
            options.MaxNewTokens = int.MaxValue;
            foreach (string agent in style.Graph.Agents)
                options.Agents[agent] = agent == style.Graph.Writer ? new TextAgent(agent, write) : new TextAgent(agent, (_, _) => Task.FromResult("So."));
        }).UseDefinition(style).AddChatClient(new MasChatClientOptions { ModelId = name }).WarmUp();
    }

    private async IAsyncEnumerable<string> EndlessAsync(TextRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        Interlocked.Increment(ref _endlessBegun);
        try
        {
            while (true)
            {
                yield return "and ";
                await Task.Delay(5, token);
            }
        }
        finally
        {
            Interlocked.Increment(ref _endlessEnded);
        }
    }

    private async IAsyncEnumerable<string> FloodAsync(TextRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        string piece = new('x', FloodLength / 100);
        for (int i = 0; i < 100; i++)
        {
            await Task.Yield();
            token.ThrowIfCancellationRequested();
            yield return piece;
        }

        Interlocked.Increment(ref _floods);
    }
}
