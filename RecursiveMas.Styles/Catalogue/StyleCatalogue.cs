using RecursiveMas.Deliberation;
using RecursiveMas.Distillation;
using RecursiveMas.Mixture;
using RecursiveMas.Sequential;
using RecursiveMas.Shared;

namespace RecursiveMas.Catalogue;

/// <summary>The systems that the library knows by name.</summary>
internal static class StyleCatalogue
{
    private static readonly StyleDefinition[] s_released =
        [SequentialStyle.Light, SequentialStyle.Scaled, MixtureStyle.Released, DistillationStyle.Released, DeliberationStyle.Released];

    public static IReadOnlyList<StyleDefinition> All { get; } = [.. s_released, SequentialStyle.Tiny, MixtureStyle.Tiny];

    /// <summary>The known names, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(style => style.Name));

    /// <summary>The system of a name.</summary>
    /// <exception cref="InvalidOptionException">There is none; the nearest is suggested, and the known ones are listed.</exception>
    public static StyleDefinition Find(string name) => TryFind(name) ?? throw Unknown(name, nameof(MasOptions.Style), "is not a known system");

    /// <summary>The exception for a name that does not exist.</summary>
    /// <param name="name">The name.</param>
    /// <param name="option">The option that gave it.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static InvalidOptionException Unknown(string name, string option, string fault) =>
        new(option, $"'{ShownText.Of(name)}' {fault}.{NearName.Suggest(name, All.Select(style => style.Name))} Known systems: {Names}.");

    /// <summary>A repository's name on the hub, with its owner where that is known.</summary>
    public static string HubName(StyleDefinition style, string repository) =>
        ReleasedSystems.TryFind(style.Name)?.Repositories.FirstOrDefault(released => released.Name == repository)?.Id ?? repository;

    /// <summary>Whether the repositories of a system can be downloaded.</summary>
    public static bool IsReleased(StyleDefinition style) => s_released.Contains(style);

    public static StyleDefinition? TryFind(string name) => All.FirstOrDefault(style => style.Name == name);
}
