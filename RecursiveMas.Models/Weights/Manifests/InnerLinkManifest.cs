using System.Text.Json;
using RecursiveMas.Checkpoints;

namespace RecursiveMas.Weights.Manifests;

/// <summary>Which file holds the inner link of an agent for a task, and of what type it is.</summary>
/// <param name="FileName">The file in the agent's folder.</param>
/// <param name="AdapterType">Type of the link.</param>
internal sealed record InnerLinkManifest(string FileName, string AdapterType)
{
    private const string TasksFile = "innerlink_config.json";
    private const string TypeFile = "adapter_config.json";
    private const string DefaultFile = "adapter.pt";

    /// <summary>Finds the file: by <c>innerlink_config.json</c>, else <c>adapter(TASK).pt</c>, else <c>adapter.pt</c>.</summary>
    /// <param name="folder">The agent's folder.</param>
    /// <param name="task">The task; null for systems with one set of links.</param>
    /// <exception cref="CheckpointException">There is no such file.</exception>
    public static InnerLinkManifest Resolve(CheckpointFolder folder, string? task)
    {
        string file = FileFor(folder, task);
        if (!folder.Contains(file))
        {
            string[] others = [.. folder.Files.Where(name => name.EndsWith(".pt", StringComparison.Ordinal))];
            throw new CheckpointException(
                folder.Describe(file),
                $"the inner link{(task is null ? "" : $" for task '{task}'")} is missing. Link files in the folder: " +
                $"{(others.Length == 0 ? "none" : string.Join(", ", others))}.");
        }

        return new InnerLinkManifest(file, TypeOf(folder));
    }

    /// <summary>The file that should be there, whether it is or not.</summary>
    /// <exception cref="CheckpointException">The manifest cannot be read.</exception>
    public static string FileFor(CheckpointFolder folder, string? task) => FromTasks(folder, task)
        ?? (task is not null && folder.Contains($"adapter({task}).pt") ? $"adapter({task}).pt" : DefaultFile);

    private static string? FromTasks(CheckpointFolder folder, string? task)
    {
        if (task is null || !folder.Contains(TasksFile))
            return null;
        JsonElement root = CheckpointJson.ReadObject(folder, TasksFile);
        if (!root.TryGetProperty("tasks", out JsonElement tasks)
            || tasks.ValueKind != JsonValueKind.Object
            || !tasks.TryGetProperty(task, out JsonElement entry))
            return null;
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty(DefaultFile, out JsonElement name))
            return DefaultFile;
        return name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : throw new CheckpointException(folder.Describe(TasksFile), $"tasks.{task}[\"{DefaultFile}\"] must be a file name.");
    }

    private static string TypeOf(CheckpointFolder folder)
    {
        if (!folder.Contains(TypeFile))
            return LinkTypeRegistry.DefaultInner;
        JsonElement root = CheckpointJson.ReadObject(folder, TypeFile);
        if (!root.TryGetProperty("adapter_type", out JsonElement type))
            return LinkTypeRegistry.DefaultInner;
        return type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : throw new CheckpointException(folder.Describe(TypeFile), "adapter_type must be a text.");
    }
}
