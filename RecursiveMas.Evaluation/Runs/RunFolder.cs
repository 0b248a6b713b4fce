using System.Text.Json.Nodes;
using RecursiveMas.Results;
using RecursiveMas.Shared;

namespace RecursiveMas.Runs;

/// <summary>The folder of a run: its manifest, and a file of results for each variant.</summary>
/// <remarks>Nobody else can open it to write until it is disposed.</remarks>
internal sealed class RunFolder : IDisposable
{
    private const string Variants = "variants", LockFile = ".lock";

    private readonly FileStream? _lock;

    private RunFolder(string path, RunManifest manifest, FileStream? held) => (Path, Manifest, _lock) = (path, manifest, held);

    public string Path { get; }

    public RunManifest Manifest { get; }

    /// <summary>Opens the folder of a run that begins or goes on.</summary>
    /// <param name="path">Path of the folder; it may be missing.</param>
    /// <param name="manifest">What the run is made of; it is kept from then on.</param>
    /// <exception cref="ResultsException">The folder holds another run, or another process writes it.</exception>
    public static RunFolder Open(string path, RunManifest manifest)
    {
        string full = UserPath.Full(path, "folder");
        FileFaults.Write(full, () => Directory.CreateDirectory(full));
        FileStream held = Lock(full);
        try
        {
            Prepare(full, manifest);
            return new RunFolder(full, manifest, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static void Prepare(string full, RunManifest manifest)
    {
        if (File.Exists(System.IO.Path.Combine(full, RunManifest.FileName)))
        {
            var before = RunManifest.Load(full);
            before.RequireSame(manifest, full);
            var sessions = (JsonArray)before.Content["sessions"]!.DeepClone();
            sessions.Add(manifest.Content["sessions"]![0]!.DeepClone());
            manifest.Content["sessions"] = sessions;
            // What is asked for now stands first; what was there before is not forgotten.
            var variants = (JsonArray)manifest.Content[Variants]!;
            foreach (JsonNode? name in before.Content[Variants]!.AsArray())
            {
                if (!variants.Any(one => JsonNode.DeepEquals(one, name)))
                    variants.Add(name!.DeepClone());
            }
        }
        else if (FileFaults.Read(full, () => Directory.GetFiles(full, "*.jsonl")).FirstOrDefault() is { } stray)
        {
            throw new ResultsException(stray, $"there is no {RunManifest.FileName} beside it that tells what it is. Write into another folder.");
        }

        manifest.Save(full);
    }

    /// <summary>The system lets go of the lock of a process that was killed.</summary>
    private static FileStream Lock(string full)
    {
        string path = System.IO.Path.Combine(full, LockFile);
        try
        {
            return FileFaults.Read(path, () => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (CheckpointException error) when (error.InnerException is IOException && File.Exists(path))
        {
            throw new ResultsException(full, "another run writes into this folder. Let it end, or write into another folder.", error);
        }
    }

    /// <summary>Reads the complete variants of a run.</summary>
    public static EvaluationResult Load(string path)
    {
        string full = UserPath.Full(path, "folder");
        using var folder = new RunFolder(full, RunManifest.Load(full), held: null);
        var results = new List<VariantResult>();
        foreach (JsonNode? row in folder.Manifest.Content[Variants]!.AsArray())
        {
            string method = (string)row!["method"]!;
            if (!Enum.GetNames<EvaluationMethod>().Contains(method))
                throw new ResultsException(full, $"its manifest names the way '{ShownText.Of(method)}', which is none. Write into another folder.");
            var variant = new EvaluationVariant(Enum.Parse<EvaluationMethod>(method), (int)row["rounds"]!, (int)row["latent_steps"]!);
            if (!File.Exists(folder.FileOf(variant)))
                continue;
            using ResultFile file = ResultFile.OpenRead(folder.FileOf(variant), folder.Manifest.Run, folder.Questions);
            if (file.IsComplete)
                results.Add(folder.Result(variant, file));
        }

        return results.Count > 0
            ? new EvaluationResult { Manifest = folder.Manifest, Variants = results }
            : throw new ResultsException(full, "holds no variant that is complete. Let the run go on to its end.");
    }

    public static JsonNode Describe(EvaluationVariant variant) =>
        new JsonObject { ["method"] = $"{variant.Method}", ["rounds"] = variant.Rounds, ["latent_steps"] = variant.LatentSteps };

    private int Questions => (int)Manifest.Content["questions"]!["count"]!;

    public string FileOf(EvaluationVariant variant) => System.IO.Path.Combine(Path, $"{variant.Name}.jsonl");

    public ResultFile OpenFile(EvaluationVariant variant) => ResultFile.Open(FileOf(variant), Manifest.Run, Questions);

    public void Dispose() => _lock?.Dispose();

    public VariantResult Result(EvaluationVariant variant, ResultFile file)
    {
        QuestionResult[] questions = [.. file.Lines.Select(line => RowReader.Read(line, file.Path))];
        return new VariantResult(variant, questions, VariantSummary.Of(questions, (int)Manifest.Content["options"]!["num_rollouts"]!));
    }
}
