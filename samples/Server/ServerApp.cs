using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RecursiveMas.Server.OpenAI;
using RecursiveMas.Server.Page;

namespace RecursiveMas.Server;

/// <summary>Puts the server together.</summary>
internal static class ServerApp
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServerOptions>().BindConfiguration("Server").ValidateDataAnnotations().ValidateOnStart();
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = context.Configuration.GetValue("Server:MaxBodyBytes", new ServerOptions().MaxBodyBytes);
            kestrel.Limits.MaxConcurrentConnections = 1_000;
        });
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));

        // One system for each section below "Systems", by the name of the section.
        IConfigurationSection[] systems = [.. builder.Configuration.GetSection("Systems").GetChildren()];
        if (systems.Length == 0)
            throw new InvalidOptionException("Systems", "is missing in the configuration. Name at least one: Systems:NAME:Style.");
        foreach (IConfigurationSection system in systems)
        {
            builder.Services.AddRecursiveMas(system.Key, system)
                .AddChatClient(new MasChatClientOptions { ModelId = system.Key })
                .WarmUp()
                .AddHealthCheck();
        }

        builder.Services.AddSingleton<SystemList>();
        WebApplication app = builder.Build();
        app.UseMiddleware<ErrorBodies>();
        app.UseMiddleware<CallerCheck>();
        app.MapGet("/", AskPage.Get);
        app.MapGet("/api/systems", AskPage.Systems);
        app.MapPost("/api/ask", AskPage.AskAsync);
        app.MapGet("/v1/models", ModelList.All);
        app.MapGet("/v1/models/{id}", ModelList.One);
        app.MapPost("/v1/chat/completions", ChatCompletions.PostAsync);
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteHealthAsync });
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        return app;
    }

    private static Task WriteHealthAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { status = entry.Value.Status.ToString(), entry.Value.Description }),
    });
}
