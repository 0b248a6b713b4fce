using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RecursiveMas;
using RecursiveMas.HostingSample;

// A host that starts when its system is loaded, and a service that asks it.
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddRecursiveMas(options => options.Style = "sequential_tiny").WarmUp(how => how.BeforeStart = true);
builder.Services.AddHostedService<Ledger>();
await builder.Build().RunAsync();
