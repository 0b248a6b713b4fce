namespace RecursiveMas.Sandbox;

/// <summary>Programs for the inside of the sandbox.</summary>
internal static class SandboxScripts
{
    public static string Read(string name)
    {
        using Stream stream = typeof(SandboxScripts).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
