namespace RecursiveMas.RunSample;

/// <summary>What the sample knows of systems before they are loaded.</summary>
internal static class Systems
{
    /// <summary>The definition of a system with this name; null if it is a folder.</summary>
    public static StyleDefinition? Find(string name) => MasSystem.KnownSystems.Contains(name) ? MasSystem.GetDefinition(name) : null;

    /// <summary>The tools of the published runs.</summary>
    public static ToolOptions Tools(ToolSettings settings)
    {
        string[] keys = settings.TavilyKeys is { } file ? Keys(file)
            : Environment.GetEnvironmentVariable("TAVILY_API_KEY") is { Length: > 0 } variable ? [variable]
            : [];
        var python = new PythonTool(new PythonOptions { TimeLimit = settings.PythonTimeout, EchoLastExpression = settings.EchoLastExpression });
        return new ToolOptions
        {
            Tools = keys.Length == 0 ? [python]
                : [python, new SearchTool(new TavilySearch(new TavilyOptions { ApiKey = keys[0], FurtherKeys = keys[1..] }))],
            MaxCalls = settings.MaxCalls,
            MaxResultChars = settings.MaxResultChars,
        };
    }

    /// <summary>The keys of a file, one a line; empty lines and comments are none.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    private static string[] Keys(string file)
    {
        string[] keys = [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        return keys.Length > 0 ? keys : throw new FormatException($"--tavily_keys_file: {file} holds no key.");
    }
}
