using RecursiveMas.Catalogue;
using RecursiveMas.Options;
using RecursiveMas.Shared;

namespace RecursiveMas.Loading;

/// <summary>Refuses options that no system could be loaded with, by their names. What depends on the system is checked where that is known.</summary>
internal static class OptionCheck
{
    private static readonly Action<MasOptions>[] s_checks =
    [
        options => NotEmpty(options.Style, nameof(MasOptions.Style), $"Name a system, or leave it null. Known: {StyleCatalogue.Names}."),
        options => NotEmpty(options.Folder, nameof(MasOptions.Folder), "Name a folder, or leave it null to use the local hub cache."),
        options => Given.Defined(options.Dtype ?? ModelDtype.Auto, nameof(MasOptions.Dtype)),
        options => Given.Defined(options.Weights, nameof(MasOptions.Weights)),
        options => Given.Defined(options.Download, nameof(MasOptions.Download)),
        options => Given.Defined(options.LinkDtype, nameof(MasOptions.LinkDtype)),
        options => Given.Defined(options.Compatibility, nameof(MasOptions.Compatibility)),
        options => Given.Defined(options.MemoryCheck, nameof(MasOptions.MemoryCheck)),
        options => NotNull(options.Residency, nameof(MasOptions.Residency)),
        options => Given.AtLeast(1, options.MaxConcurrency, nameof(MasOptions.MaxConcurrency)),
        options => Given.AtLeast(0, options.MaxQueue ?? 0, nameof(MasOptions.MaxQueue)),
        options => NotNull(options.Steps, nameof(MasOptions.Steps)),
        options => Given.AtLeast(1, options.Steps?.PromptPositions ?? 1, $"{nameof(MasOptions.Steps)}.{nameof(StepOptions.PromptPositions)}"),
        options => Given.AtLeast(1, options.Steps?.Sessions ?? 1, $"{nameof(MasOptions.Steps)}.{nameof(StepOptions.Sessions)}"),
        options => NotNull(options.Clock, nameof(MasOptions.Clock)),
        options => NotNull(options.LinkTypes, nameof(MasOptions.LinkTypes)),
        options => NotNull(options.Agents, nameof(MasOptions.Agents)),
        options => NotNull(options.Links, nameof(MasOptions.Links)),
        options => NotNull(options.AgentDevices, nameof(MasOptions.AgentDevices)),
        options => NotNull(options.AgentDtypes, nameof(MasOptions.AgentDtypes)),
        options => DeviceNames.Parse(options.Device),
        options => Each(options.AgentDevices?.Values, device => DeviceNames.Parse(device, nameof(MasOptions.AgentDevices))),
        options => Each(options.AgentDtypes?.Values, dtype => Given.Defined(dtype, nameof(MasOptions.AgentDtypes))),
        AskSettings.Require,
    ];

    /// <exception cref="InvalidOptionException">An option is null, empty or out of range.</exception>
    public static void Require(MasOptions options) => Each(s_checks, check => check(options));

    /// <summary>What is wrong with each option.</summary>
    public static IReadOnlyList<InvalidOptionException> Find(MasOptions options)
    {
        var faults = new List<InvalidOptionException>();
        foreach (Action<MasOptions> check in s_checks)
        {
            try
            {
                check(options);
            }
            catch (InvalidOptionException fault)
            {
                faults.Add(fault);
            }
        }

        return faults;
    }

    private static void Each<T>(IEnumerable<T>? items, Action<T> check)
    {
        foreach (T item in items ?? [])
            check(item);
    }

    /// <summary>Refuses options that name roles or edges which a system does not have, before anything of it is downloaded or loaded.</summary>
    /// <exception cref="InvalidOptionException">A name is unknown, or an agent or a link is null.</exception>
    /// <exception cref="GraphException">An agent that only writes is to take part in a system that thinks.</exception>
    public static void Require(MasOptions options, StyleDefinition style)
    {
        RequireNames(options.AgentDevices.Keys, style.Graph.Agents, "agent", nameof(MasOptions.AgentDevices), style);
        RequireNames(options.AgentDtypes.Keys, style.Graph.Agents, "agent", nameof(MasOptions.AgentDtypes), style);
        RequireNames(options.Agents.Keys, style.Graph.Agents, "agent", nameof(MasOptions.Agents), style);
        RequireNames(options.Tools?.AgentTools.Keys ?? [], style.Graph.Agents, "agent", nameof(ToolOptions.AgentTools), style);
        RequireNames(options.Links.Keys, [.. style.Graph.Edges.Select(edge => edge.Key)], "edge", nameof(MasOptions.Links), style);
        foreach ((string role, IAgent agent) in options.Agents)
        {
            if (agent is null)
                throw new InvalidOptionException(nameof(MasOptions.Agents), $"gives null for '{role}'. Give an agent, or leave the role out to load it.");
            if (options.AgentDevices.ContainsKey(role) || options.AgentDtypes.ContainsKey(role))
                throw new InvalidOptionException(
                    options.AgentDevices.ContainsKey(role) ? nameof(MasOptions.AgentDevices) : nameof(MasOptions.AgentDtypes),
                    $"names '{role}', but that agent is given by {nameof(MasOptions.Agents)} and not loaded. Leave one of them out.");
            if (options.Channel != MasChannel.Text && agent is not ILatentAgent && style.Graph.Edges.Any(edge => edge.From == role || edge.To == role))
                throw new GraphException(
                    $"The agent '{role}' that {nameof(MasOptions)}.{nameof(MasOptions.Agents)} gives only writes; latent vectors can neither come from it " +
                    $"nor reach it. Set {nameof(MasOptions)}.{nameof(MasOptions.Channel)} to {nameof(MasChannel.Text)}, " +
                    $"or give an agent that implements {nameof(ILatentAgent)}.");
        }

        if (options.Links.FirstOrDefault(link => link.Value is null).Key is { } key)
            throw new InvalidOptionException(nameof(MasOptions.Links), $"gives null for '{key}'. Give a link, or leave the edge out to load it.");
    }

    /// <exception cref="InvalidOptionException">The text is empty. Null is not.</exception>
    public static void NotEmpty(string? text, string option, string remedy)
    {
        if (text is not null && string.IsNullOrWhiteSpace(text))
            throw new InvalidOptionException(option, $"is empty. {remedy}");
    }

    private static void RequireNames(IEnumerable<string> names, IReadOnlyList<string> known, string what, string option, StyleDefinition style)
    {
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new InvalidOptionException(
                option,
                $"names the {what} '{unknown}', which '{style.Name}' does not have.{NearName.Suggest(unknown, known)} There are: {string.Join(", ", known)}.");
    }

    private static void NotNull(object? value, string option)
    {
        if (value is null)
            throw new InvalidOptionException(option, "is null. Leave the option out for its default.");
    }
}
