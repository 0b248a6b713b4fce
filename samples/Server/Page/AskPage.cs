using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace RecursiveMas.Server.Page;

/// <summary>The page that asks a question and shows agents think, and what it calls.</summary>
internal static class AskPage
{
    private static readonly string s_html = new StreamReader(typeof(AskPage).Assembly.GetManifestResourceStream("index.html")!).ReadToEnd();

    public static IResult Get(HttpContext context)
    {
        string nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; base-uri 'none'; " +
            "form-action 'none'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Content(s_html.Replace("NONCE", nonce, StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    /// <summary>Names, states and settings of the systems; of those that are ready agents and kinds of questions, too.</summary>
    public static object Systems(SystemList systems, IOptionsMonitor<MasOptions> defaults, IOptions<ServerOptions> options) => systems.All.Select(source => new
    {
        source.Name,
        State = source.State.ToString(),
        Agents = source.TryGet(out MasSystem? system) ? system.Style.Graph.Agents : [],
        Kinds = system?.Kinds,
        Rounds = defaults.Get(source.Name).Rounds ?? system?.Style.Defaults.Rounds,
        LatentSteps = defaults.Get(source.Name).LatentSteps ?? system?.Style.Defaults.LatentSteps,
        options.Value.MaxRounds,
        options.Value.MaxLatentSteps,
        Example = ExampleOf(system?.Style.Name),
    });

    /// <summary>Asks, and streams everything that happens.</summary>
    public static async Task AskAsync(HttpContext context, SystemList systems, IOptions<ServerOptions> options)
    {
        Asked asked = Read(await JsonBody.ReadAsync(context));
        options.Value.Require(asked.Rounds, asked.LatentSteps, null);
        MasSystem system = systems.System(asked.System);
        var settings = new AskOptions { Rounds = asked.Rounds, LatentSteps = asked.LatentSteps };
        var question = new MasQuestion(asked.Question) { Kind = asked.Kind ?? (system.Kinds is [TaskKind first, ..] ? first : TaskKind.Math) };
        CancellationToken gone = context.RequestAborted;
        await foreach (MasUpdate update in system.AskStreamingAsync(question, settings, gone))
        {
            if (!context.Response.HasStarted)
                EventStream.Begin(context.Response);
            await EventStream.WriteAsync(context.Response, update, gone);
        }
    }

    private static Asked Read(JsonElement body)
    {
        try
        {
            return body.Deserialize<Asked>(s_json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw ApiException.BadRequest("invalid_value", $"The body is no question: {error.Message}");
        }
    }

    private static string ExampleOf(string? style) => style switch
    {
        "sequential_tiny" => "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?",
        "mixture_tiny" => "Who is Jan's friend's boss?",
        _ => "What is 17 * 23?",
    };

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private sealed record Asked(string System, string Question, TaskKind? Kind = null, int? Rounds = null, int? LatentSteps = null);
}
