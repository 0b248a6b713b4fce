using System.Security.Cryptography;
using RecursiveMas.DataSets;
using RecursiveMas.DataSets.Random;
using RecursiveMas.DataSets.Rows;
using RecursiveMas.DataSets.Sets;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Loads questions: of published data sets, worded as the reference implementation words them, and of your own files.</summary>
public static class QuestionSets
{
    private const string DefaultMedqa = "dataset/medqa.json";

    /// <summary>Short names of the data sets that are known.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. PublishedSet.All.Select(set => set.Name)];

    /// <summary>Loads a data set from the hub, from its cache, or from local files.</summary>
    /// <param name="name">
    /// A short name (any case) or one of the names that the reference takes for it; the path of a JSON file in MedQA's form; or any other data-set repository
    /// of the hub, whose questions stand in a column "question" or "problem" and its answers in "answer".
    /// </param>
    /// <param name="options">Split, selection, wording, files. Default: as published runs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentNullException">There is no name.</exception>
    /// <exception cref="InvalidOptionException">The name is neither a data set nor a repository id.</exception>
    /// <exception cref="DataSetException">Files are missing, broken, empty, or lack a column or split.</exception>
    /// <exception cref="HubAccessException">The data set is gated or private, and the token is missing or not enough; the message says what to do.</exception>
    /// <exception cref="HubException">The hub cannot be reached, and the cache lacks something.</exception>
    public static async Task<QuestionSet> LoadAsync(string name, QuestionSetOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new QuestionSetOptions();
        name = name.Trim();
        PublishedSet set = Find(name, options);
        (QuestionSource source, string[] shown, string[] files) = await FilesAsync(set, name, options, cancellationToken).ConfigureAwait(false);
        var rows = new List<DataRow>();
        var described = new List<QuestionFile>();
        for (int i = 0; i < files.Length; i++)
        {
            rows.AddRange(await RowFile.ReadAsync(files[i], set.Reader.Wants, cancellationToken).ConfigureAwait(false));
            described.Add(await DescribeAsync(files[i], shown[i], cancellationToken).ConfigureAwait(false));
        }

        if (rows.Count == 0)
            throw new DataSetException(source.Location, $"split '{source.Split}' holds no rows.");
        IEnumerable<int> order = options.Shuffle ? Shuffle(set, rows.Count, options.Seed) : Enumerable.Range(0, rows.Count);
        if (options.Count > 0)
            order = order.Take(options.Count);
        return Make(set, source with { Files = described }, rows, order, options);
    }

    /// <summary>
    /// Reads your own questions: JSON (a list of texts or objects, an object with a list "questions", or one object), JSON lines (a line that is no JSON is a
    /// question itself), or any other text (blocks between blank lines; single lines where there is one block only).
    /// </summary>
    /// <remarks>
    /// Of an object count: question, query, prompt, text or input; id; task (math, reasoning, choice, code); answer or gold; function_name; and for code tests:
    /// a script, a list of assertions, or a list of objects with input and output. Nothing is added to the questions.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="kind">The kind of questions that do not name theirs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentNullException">There is no path.</exception>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    /// <exception cref="DataSetException">The file is missing, broken, empty, or holds something that is no question.</exception>
    public static async Task<QuestionSet> ReadOwnAsync(string path, TaskKind kind = TaskKind.Math, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        Given.Defined(kind, nameof(kind));
        var own = new OwnQuestions(path, kind);
        try
        {
            own.Read(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false));
            QuestionFile file = await DescribeAsync(path, path, cancellationToken).ConfigureAwait(false);
            return new QuestionSet(Path.GetFileNameWithoutExtension(path), new QuestionSource(path, "") { Files = [file] }, own.Questions)
            {
                Faults = own.Faults,
                Available = own.Questions.Count,
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException(path, $"it cannot be read: {error.Message}", error);
        }
    }

    private static PublishedSet Find(string name, QuestionSetOptions options)
    {
        if (PublishedSet.Find(name) is { } known)
            return known;
        if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(name))
            return PublishedSet.Find("medqa")!;
        return PublishedSet.Other(name, options.Split ?? "test");
    }

    private static async Task<(QuestionSource Source, string[] Shown, string[] Files)> FilesAsync(
        PublishedSet set, string name, QuestionSetOptions options, CancellationToken cancellationToken)
    {
        if (options.Files.Count == 0 && set.Repository is not null)
        {
            (QuestionSource fetched, string[] paths, string folder) = await HubFiles.FetchAsync(set, options, cancellationToken).ConfigureAwait(false);
            return (fetched, paths, [.. paths.Select(path => Path.Combine(folder, path))]);
        }

        string[] files = options.Files.Count > 0 ? [.. options.Files] : [File.Exists(name) ? name : DefaultMedqa];
        if (Array.Find(files, file => !File.Exists(file)) is { } absent)
        {
            throw new DataSetException(
                absent,
                "there is no such file." + (options.Files.Count > 0 ? "" : " MedQA is not on the hub: take the file dataset/medqa.json of the reference " +
                    "implementation's repository, and give its path in place of the name."));
        }

        return (new QuestionSource(files[0], options.Split ?? set.Split) { Configuration = options.Configuration ?? set.Configuration }, files, files);
    }

    private static int[] Shuffle(PublishedSet set, int count, long seed) =>
        set.Shuffle == SetShuffle.Python ? new PythonRandom(seed).Shuffle(count) : new NumpyRandom(seed).Permutation(count);

    private static QuestionSet Make(PublishedSet set, QuestionSource source, List<DataRow> rows, IEnumerable<int> order, QuestionSetOptions options)
    {
        var questions = new List<EvaluationQuestion>();
        var faults = new List<DataFault>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (int index in order)
        {
            var found = new List<(string Field, string Message)>();
            EvaluationQuestion question;
            try
            {
                question = set.Reader.Read(rows[index], index, options, (field, message) => found.Add((field, message)));
            }
            catch (DataSetException error)
            {
                throw new DataSetException(source.Location, $"row {index}: {error.Message}", error);
            }

            question = question with { Id = UniqueIds.Add(ids, question.Id, index) };

            questions.Add(question);
            faults.AddRange(found.Select(fault => new DataFault(question.Id, fault.Field, fault.Message)));
        }

        return new QuestionSet(set.Name, source, questions) { Faults = faults, Available = rows.Count, Wording = options.Wording };
    }

    private static async Task<QuestionFile> DescribeAsync(string path, string shown, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        byte[] hash = await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
        return new QuestionFile(shown, file.Length, Convert.ToHexStringLower(hash));
    }
}
