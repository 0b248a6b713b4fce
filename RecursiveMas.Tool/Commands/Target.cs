using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>What a command is about: a released system, or one repository.</summary>
internal sealed record Target(string Name, ReleasedSystem? System, HubRepository? Repository)
{
    /// <summary>Every repository that belongs to it.</summary>
    public IReadOnlyList<HubRepository> Repositories => System?.Repositories ?? [Repository!];

    /// <exception cref="InvalidOptionException">The text is neither.</exception>
    public static Target Parse(string text)
    {
        if (ReleasedSystems.TryFind(text) is { } system)
            return new Target(text, system, null);
        return text.Contains('/', StringComparison.Ordinal)
            ? new Target(text, null, HubRepository.Parse(text))
            : throw new InvalidOptionException(
                CommandOutput.Short(text),
                $"is neither a system ({string.Join(", ", ReleasedSystems.All.Select(known => known.Name))}) " +
                "nor a repository (OWNER/NAME, datasets/OWNER/NAME).");
    }

    /// <summary>Licences as people should see them before a download.</summary>
    public static string LicenceOf(HubRepository repository, HubListing? listing) =>
        ReleasedSystems.TryFind(repository)?.LicenceOf(repository) ?? (listing?.Licence is { } licence ? $"{licence} (card)" : "see its card");
}
