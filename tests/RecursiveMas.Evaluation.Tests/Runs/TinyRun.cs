using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Runs;

/// <summary>One system for all runs of a class.</summary>
public sealed class TinyRun : IAsyncLifetime
{
    /// <summary>Everything that a run can compare.</summary>
    public static IReadOnlyList<EvaluationVariant> AllVariants { get; } = EvaluationVariant.Plan(
        [1, 2, 3],
        [5],
        [.. Enum.GetValues<EvaluationMethod>().Where(method => method != EvaluationMethod.Latent)]);

    public MasSystem Mas { get; private set; } = null!;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The rows of a result file, and its last line.</summary>
    public static (JsonObject[] Rows, JsonObject Summary) Read(string file)
    {
        JsonObject[] lines = [.. File.ReadLines(file).Select(line => JsonNode.Parse(line)!.AsObject())];
        return (lines[..^1], lines[^1]);
    }

    /// <summary>All result files of a run without their times.</summary>
    public static Dictionary<string, string> WithoutTimes(string folder) => Directory.GetFiles(folder, "*.jsonl").ToDictionary(
        file => Path.GetFileName(file),
        file => string.Join('\n', File.ReadAllText(file).Split('\n').Select(line => line.Length == 0 ? line : Timeless(JsonNode.Parse(line)!).ToJsonString())),
        StringComparer.Ordinal);

    public async ValueTask InitializeAsync() => Mas = await MasSystem.LoadAsync(
        "sequential_tiny", new MasOptions { Device = TestDevice.Name, MaxConcurrency = 16 }, cancellationToken: Token);

    public ValueTask DisposeAsync() => Mas.DisposeAsync();

    private static JsonNode Timeless(JsonNode node)
    {
        if (node is JsonObject all)
        {
            all.Remove("seconds");
            foreach ((string _, JsonNode? value) in all)
            {
                if (value is not null)
                    Timeless(value);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? value in list.Where(value => value?.GetValueKind() is JsonValueKind.Object or JsonValueKind.Array))
                Timeless(value!);
        }

        return node;
    }
}
