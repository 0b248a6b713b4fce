using RecursiveMas.Catalogue;

namespace RecursiveMas;

/// <summary>An agent of a released system.</summary>
public sealed record ReleasedAgent
{
    /// <summary>Its role, for example "planner".</summary>
    public required string Role { get; init; }

    /// <summary>Where its model, tokenizer and inner links are.</summary>
    public required HubRepository Repository { get; init; }

    /// <summary>The commit that is known to be good; null if none has been checked, so that "main" is taken.</summary>
    public required string? Revision { get; init; }

    /// <summary>The model that it is based on.</summary>
    public required string BaseModel { get; init; }

    /// <summary>Licence under which its card offers it.</summary>
    public required string CardLicence { get; init; }

    /// <summary>Licence of the base model, whose terms apply as well.</summary>
    public required string BaseLicence { get; init; }

    /// <summary>Width of its latent states.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>
    /// Names by task of the file that holds its inner link, as the cards show them; under "" where one serves all tasks. The repository's manifest decides.
    /// </summary>
    public required IReadOnlyDictionary<string, string> ExpectedInnerLinks { get; init; }

    /// <summary>Bytes of one inner link as released.</summary>
    public long ExpectedInnerLinkBytes => LinkSizes.Inner(HiddenSize);

    /// <summary>About how large its repository is, for messages without the network: weights in bfloat16 and inner links.</summary>
    public required long ApproximateBytes { get; init; }
}

/// <summary>An outer link of a released system.</summary>
public sealed record ReleasedLink
{
    /// <summary>Its key in manifests, for example "outer_12".</summary>
    public required string Key { get; init; }

    /// <summary>Role of the agent that it leads from.</summary>
    public required string From { get; init; }

    /// <summary>Role of the agent that it leads to.</summary>
    public required string To { get; init; }

    /// <summary>Width of the sender.</summary>
    public required int InputSize { get; init; }

    /// <summary>Width of the receiver.</summary>
    public required int OutputSize { get; init; }

    /// <summary>File names by task as the cards show them; under "" where one serves all tasks. The repository's manifest decides.</summary>
    public required IReadOnlyDictionary<string, string> ExpectedFiles { get; init; }

    /// <summary>Bytes of one file as released.</summary>
    public long ExpectedBytes => LinkSizes.Outer(InputSize, OutputSize);
}

/// <summary>A released system: its repositories, and what is known of them.</summary>
public sealed record ReleasedSystem
{
    /// <summary>Its name, for example "sequential_light".</summary>
    public required string Name { get; init; }

    /// <summary>Tasks with links of their own ("math", "code"); empty where one set of links serves all.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>The agents in the order in which they act.</summary>
    public required IReadOnlyList<ReleasedAgent> Agents { get; init; }

    /// <summary>The outer links.</summary>
    public required IReadOnlyList<ReleasedLink> Links { get; init; }

    /// <summary>Where the outer links are.</summary>
    public required HubRepository LinkRepository { get; init; }

    /// <summary>The commit of <see cref="LinkRepository"/> that is known to be good; null if none has been checked.</summary>
    public required string? LinkRevision { get; init; }

    /// <summary>Licence under which the card offers the outer links.</summary>
    public required string LinkLicence { get; init; }

    /// <summary>Every repository: those of the agents in their order, then the one of the outer links.</summary>
    public IReadOnlyList<HubRepository> Repositories => [.. Agents.Select(agent => agent.Repository), LinkRepository];

    /// <summary>About how large all repositories are together, for messages without the network.</summary>
    public long ApproximateBytes => Agents.Sum(agent => agent.ApproximateBytes) + LinkBytes;

    /// <summary>Bytes of the outer links of all tasks as released.</summary>
    internal long LinkBytes => Links.Sum(link => link.ExpectedBytes * link.ExpectedFiles.Count);

    /// <summary>Licences of a repository of this system as people should see them before they download it.</summary>
    /// <param name="repository">One of <see cref="Repositories"/>.</param>
    public string LicenceOf(HubRepository repository) => Agents.FirstOrDefault(agent => agent.Repository == repository) is { } agent
        ? $"{agent.CardLicence} (card), {agent.BaseLicence} ({agent.BaseModel})"
        : $"{LinkLicence} (card)";
}
