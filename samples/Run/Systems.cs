namespace RecursiveMas.RunSample;

/// <summary>What the sample knows of systems before they are loaded.</summary>
internal static class Systems
{
    /// <summary>The definition of a system with this name; null if it is a folder.</summary>
    public static StyleDefinition? Find(string name) => MasSystem.KnownSystems.Contains(name) ? MasSystem.GetDefinition(name) : null;

    /// <summary>The tools of the published runs.</summary>
    public static ToolOptions Tools(ToolSettings settings)
    {
        string? key = settings.TavilyKeys is { } file
            ? File.ReadLines(file).Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#')
                ?? throw new FormatException($"--tavily_keys_file: {file} holds no key.")
            : Environment.GetEnvironmentVariable("TAVILY_API_KEY");
        var python = new PythonTool(new PythonOptions { TimeLimit = settings.PythonTimeout, EchoLastExpression = settings.EchoLastExpression });
        return new ToolOptions
        {
            Tools = key is null ? [python] : [python, new SearchTool(new TavilySearch(new TavilyOptions { ApiKey = key }))],
            MaxCalls = settings.MaxCalls,
            MaxResultChars = settings.MaxResultChars,
        };
    }
}
