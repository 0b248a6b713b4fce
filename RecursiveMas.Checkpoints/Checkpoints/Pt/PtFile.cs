using RecursiveMas.Checkpoints.Pt;

namespace RecursiveMas;

/// <summary>An open file of torch.save (<c>.pt</c>): what it holds, and the bytes of its tensors. It is read as data; nothing in it is ever run.</summary>
/// <remarks>For one thread.</remarks>
public sealed class PtFile : IDisposable
{
    private readonly Stream _stream;
    private PtTree? _tree;

    private PtFile(Stream stream, string name, PtRules rules)
    {
        _stream = stream;
        Name = name;
        Container = PtContainer.Open(stream, name);
        Root = PickleInterpreter.Read(Container.ReadAll("data.pkl", rules.MaximumPickleBytes), rules, name, Container.FileLength);
    }

    /// <summary>Full name for messages.</summary>
    public string Name { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long Length => Container.FileLength;

    /// <summary>
    /// Every tensor by its path, keys and positions joined by dots, in file order. A tensor that is itself the saved value has the path "root".
    /// </summary>
    /// <exception cref="CheckpointException">Two parts have the same path, or the value refers to itself or to its parts again and again.</exception>
    public IReadOnlyDictionary<string, PtTensor> Tensors => Tree.Tensors;

    /// <summary>Every other value by its path, in file order: texts, numbers (long, BigInteger, double), truth values, and null for None.</summary>
    /// <exception cref="CheckpointException">Two parts have the same path, or the value refers to itself or to its parts again and again.</exception>
    public IReadOnlyDictionary<string, object?> Values => Tree.Values;

    /// <summary>The saved value: see <see cref="PickleContainer"/> for what it may be made of.</summary>
    internal object? Root { get; }

    /// <summary>The records with the tensors' elements.</summary>
    internal PtContainer Container { get; }

    private PtTree Tree => _tree ??= PtTree.Flatten(this);

    /// <summary>Opens a file and reads its description of what it holds. No tensor is read.</summary>
    /// <param name="folder">Where the file lies.</param>
    /// <param name="file">Its name.</param>
    /// <param name="rules">What the file may hold. Default: <see cref="PtRules.General"/>.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, hostile, or holds something that the rules do not allow.</exception>
    public static PtFile Open(CheckpointFolder folder, string file, PtRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Open(folder.OpenRead(file), folder.Describe(file), rules ?? PtRules.General);
    }

    /// <summary>The same for a seekable stream, which is closed with the file.</summary>
    internal static PtFile Open(Stream stream, string name, PtRules rules)
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

    /// <summary>What the file holds, if that is a state dictionary: one flat dictionary of named tensors, in file order.</summary>
    /// <exception cref="CheckpointException">The file holds something else.</exception>
    public IReadOnlyDictionary<string, PtTensor> GetStateDictionary()
    {
        if (Root is not PickleDict { Items.Count: > 0 } root)
            throw new CheckpointException(Name, "does not hold a state dictionary, a flat dictionary of tensors. Save the module's state_dict() itself.");
        var tensors = new OrderedDictionary<string, PtTensor>(root.Items.Count, StringComparer.Ordinal);
        foreach ((object? key, object? value) in root.Items)
        {
            if (key is not string name || value is not PtTensor tensor)
                throw new CheckpointException(Name, $"holds '{PickleObjects.Shorten($"{key}")}', which is not a named tensor. " +
                    "A state dictionary is a flat dictionary of tensors: save the module's state_dict() itself.");
            tensors.Add(name, tensor);
        }

        return tensors;
    }

    /// <summary>Opens the bytes of a storage. Its check sum is compared when the last byte is read.</summary>
    /// <param name="storage">A storage of a tensor of this file.</param>
    /// <returns>A stream of <see cref="PtStorage.ByteCount"/> bytes that can be read forward once; several may be open, while the file is.</returns>
    /// <exception cref="CheckpointException">The file has no such storage, or one of another size.</exception>
    public Stream OpenStorage(PtStorage storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        if (!Container.TryGet($"data/{storage.Key}", out PtRecord record))
            throw Bad($"has no record 'data/{storage.Key}' for one of its tensors");
        return record.Length == storage.ByteCount
            ? new PtRecordStream(Container, record)
            : throw Bad(
                $"has a record '{record.Name}' of {record.Length:N0} bytes where its pickle says {storage.Count:N0} elements of {storage.ElementSize} bytes");
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private CheckpointException Bad(string fault) => new(Name, $"{fault}. The file was refused; write it again with torch.save.");
}
