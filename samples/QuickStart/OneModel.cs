namespace RecursiveMas.QuickStart;

/// <summary>A folder with one model, which can play every role of a system over the text channel.</summary>
internal static class OneModel
{
    private const int Tokens = 256;

    /// <summary>Whether a folder holds one model rather than the repositories of a system.</summary>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, "config.json"));

    /// <summary>
    /// Fills in what suits one model where the command line gives nothing: it has no links to think with, and more rounds of text gain it nothing.
    /// </summary>
    public static Settings Complete(Settings settings) => settings with
    {
        Kind = settings.Kind ?? TaskKind.Free,
        Options = settings.Options with
        {
            Channel = settings.Options.Channel ?? MasChannel.Text,
            Rounds = settings.Options.Rounds ?? 1,
            MaxNewTokens = settings.Options.MaxNewTokens ?? Tokens,
        },
    };

    /// <summary>What the user should know about it.</summary>
    public static string Describe(Settings settings, MasSystem mas) =>
        $"{settings.System} holds one model. It plays every role of {mas.Style.Name} in turn ({string.Join(", ", mas.Agents.Keys)}) " +
        "and hands over text instead of latent vectors: " +
        $"{(settings.Options.Rounds == 1 ? "1 round" : $"{settings.Options.Rounds} rounds")}, at most {settings.Options.MaxNewTokens} tokens a text, " +
        $"kind {settings.Kind.ToString()!.ToLowerInvariant()}.";
}
