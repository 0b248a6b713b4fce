using RecursiveMas.Deliberation;
using RecursiveMas.Distillation;
using RecursiveMas.Mixture;
using RecursiveMas.Sequential;

namespace RecursiveMas.Systems;

/// <summary>The systems that the library knows by name.</summary>
internal static class StyleCatalogue
{
    public static IReadOnlyList<StyleDefinition> All { get; } = 
    [
        SequentialStyle.Light, SequentialStyle.Scaled, MixtureStyle.Released, DistillationStyle.Released, DeliberationStyle.Released,
        SequentialStyle.Tiny, MixtureStyle.Tiny,
    ];

    /// <summary>The system of a name.</summary>
    /// <exception cref="InvalidOptionException">There is none; the known names are listed.</exception>
    public static StyleDefinition Find(string name) => TryFind(name)
        ?? throw new InvalidOptionException(nameof(MasOptions.Style), $"'{name}' is no known system. Known: {string.Join(", ", All.Select(style => style.Name))}.");

    public static StyleDefinition? TryFind(string name) => All.FirstOrDefault(style => style.Name == name);
}
