using System.Reflection;

namespace RecursiveMas.Checkpoints;

/// <summary>Files that are embedded in an assembly.</summary>
internal sealed class ResourceFolder : CheckpointFolder
{
    private readonly Assembly _assembly;
    private readonly string _prefix;
    private readonly SortedSet<string> _files;

    public ResourceFolder(Assembly assembly, string prefix)
        : base($"embedded:{prefix}")
    {
        _assembly = assembly;
        _prefix = prefix + "/";
        _files = new SortedSet<string>(
            assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(_prefix, StringComparison.Ordinal))
                .Select(name => name[_prefix.Length..])
                .Where(name => !name.Contains('/', StringComparison.Ordinal)),
            StringComparer.Ordinal);
        if (_files.Count == 0)
            throw new CheckpointException(Name, $"assembly {assembly.GetName().Name} holds no files of this name.");
    }

    public override IReadOnlyList<string> Files => [.. _files];

    private protected override bool ContainsCore(string file) => _files.Contains(file);

    private protected override long GetLengthCore(string file)
    {
        using Stream stream = OpenReadCore(file);
        return stream.Length;
    }

    private protected override Stream OpenReadCore(string file) => _assembly.GetManifestResourceStream(_prefix + file)!;

    private protected override string? GetPhysicalPathCore(string file) => null;

    private protected override CheckpointFolder? FindFolderCore(string folder) => null;
}
