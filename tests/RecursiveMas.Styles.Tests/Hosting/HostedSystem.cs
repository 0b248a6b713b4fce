using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.Styles.Tests.Hosting;

/// <summary>A generic host with systems in it.</summary>
internal static class HostedSystem
{
    public static IHost Build(HostLog log, Action<HostApplicationBuilder> register)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        // The host disposes what it makes.
        builder.Services.AddSingleton<ILoggerProvider>(_ => log);
        register(builder);
        return builder.Build();
    }

    public static MasSystemSource Source(this IHost host, string name = "") => host.Services.GetRequiredKeyedService<MasSystemSource>(name);

    public static async Task<HealthReportEntry> HealthAsync(this IHost host, string check, CancellationToken token) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(token)).Entries[check];

    public static IConfiguration Section(string json) => new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Mas": {{json}} }"""))).Build().GetSection("Mas");
}
