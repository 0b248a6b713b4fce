namespace RecursiveMas.Hub.Tests;

/// <summary>An empty folder that goes away.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("recursivemas-hub-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
