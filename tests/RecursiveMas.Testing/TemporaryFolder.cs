namespace RecursiveMas.Testing;

/// <summary>A folder that goes away with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("recursivemas-test-").FullName;

    public CheckpointFolder Folder => CheckpointFolder.FromDirectory(_path);

    public string Path(string file) => System.IO.Path.Combine(_path, file);

    public void Write(string file, byte[] bytes) => File.WriteAllBytes(Path(file), bytes);

    public void Write(string file, string text) => File.WriteAllText(Path(file), text);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
