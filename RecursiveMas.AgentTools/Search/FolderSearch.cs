using RecursiveMas.Search;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Searches the text files of a folder by their words, without a network: repeatable, for offline use and evaluation.</summary>
/// <remarks>
/// The files are read once, at the first query: those that end in .txt or .md, in folders within, too; links are not followed. Safe for concurrent calls.
/// </remarks>
public sealed class FolderSearch : ISearchProvider
{
    private const int MostFiles = 100_000;
    private const long LargestFile = 4 << 20, MostBytes = 256 << 20;
    private static readonly string[] s_endings = [".txt", ".md"];

    private readonly string _folder;
    private readonly Lazy<Task<Passages>> _passages;

    /// <summary>Creates the provider; nothing is read yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidOptionException">The path is empty or invalid.</exception>
    public FolderSearch(string folder)
    {
        _folder = UserPath.Full(folder, nameof(folder));
        _passages = new Lazy<Task<Passages>>(() => Task.Run(Read));
    }

    /// <summary>"folder".</summary>
    public string Name => "folder";

    /// <inheritdoc/>
    public string? Unavailable => Directory.Exists(_folder) ? null : $"there is no folder {_folder}. Create it, or name another.";

    /// <inheritdoc/>
    /// <exception cref="CheckpointException">A file cannot be read, or the files are too large together.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (Unavailable is { } reason)
            throw new ToolUnavailableException("search", reason);
        Passages passages = await _passages.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. passages.Find(query).Select(passage => new SearchResult(passage.Title, passage.Path, passage.Text))];
    }

    private Passages Read()
    {
        var passages = new Passages();
        long bytes = 0;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        FileInfo[] files =
        [
            .. new DirectoryInfo(_folder).EnumerateFiles("*", options)
                .Where(file => s_endings.Contains(file.Extension, StringComparer.OrdinalIgnoreCase) && file.Length <= LargestFile)
                .Take(MostFiles + 1)
                .OrderBy(file => file.FullName, StringComparer.Ordinal),
        ];
        foreach (FileInfo file in files)
        {
            bytes += file.Length;
            if (files.Length > MostFiles || bytes > MostBytes)
                throw new CheckpointException(_folder, $"holds more text than can be searched: at most {MostFiles} files and {MostBytes >> 20} MiB.");
            passages.Add(
                Path.GetRelativePath(_folder, file.FullName).Replace('\\', '/'),
                FileFaults.Read(file.FullName, () => File.ReadAllText(file.FullName)));
        }

        return passages;
    }
}
