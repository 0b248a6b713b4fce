using Microsoft.Extensions.DependencyInjection;

namespace RecursiveMas.DependencyInjection;

internal sealed record MasBuilder(string Name, IServiceCollection Services) : IMasBuilder;
