namespace RecursiveMas.Checkpoints.Pt;

/// <summary>An open file of torch.save: what its pickle describes, and the records behind it.</summary>
/// <remarks>For one thread.</remarks>
internal sealed class PtFile : IDisposable
{
    private readonly Stream _stream;

    private PtFile(Stream stream, string name, PtRules rules)
    {
        _stream = stream;
        Name = name;
        Container = PtContainer.Open(stream, name);
        Root = PickleInterpreter.Read(Container.ReadAll("data.pkl", rules.MaximumPickleBytes), rules, name, Container.FileLength);
    }

    /// <summary>Full name for messages.</summary>
    public string Name { get; }

    /// <summary>The saved value: see <see cref="PickleContainer"/> for what it may be made of.</summary>
    public object? Root { get; }

    /// <summary>The records with the tensors' elements.</summary>
    public PtContainer Container { get; }

    /// <summary>Opens a file and reads its pickle as data. No tensor is read, and nothing is run.</summary>
    /// <exception cref="CheckpointException">The file is missing, damaged, hostile, or holds something that the rules do not allow.</exception>
    public static PtFile Open(CheckpointFolder folder, string file, PtRules rules) => Open(folder.OpenRead(file), folder.Describe(file), rules);

    /// <summary>The same for a seekable stream, which is closed with the file.</summary>
    public static PtFile Open(Stream stream, string name, PtRules rules)
    {
        try
        {
            return new PtFile(stream, name, rules);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();
}
