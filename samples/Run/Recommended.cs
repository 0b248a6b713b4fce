using System.Globalization;

namespace RecursiveMas.RunSample;

/// <summary>The settings of published runs, which hold where the command line gives none.</summary>
internal static class Recommended
{
    private const string LetterOnly = "sequential-letter-only";

    private const int Rounds = 3, BatchSize = 8, LatentSteps = 32;

    private static readonly Dictionary<(string System, string DataSet), (int Batch, int Steps)> s_sequential = new()
    {
        [("sequential_light", "math500")] = (32, 48), [("sequential_light", "medqa")] = (16, 32), [("sequential_light", "gpqa")] = (16, 32),
        [("sequential_light", "mbppplus")] = (16, 16), [("sequential_scaled", "math500")] = (16, 32), [("sequential_scaled", "medqa")] = (16, 48),
        [("sequential_scaled", "gpqa")] = (16, 48), [("sequential_scaled", "mbppplus")] = (16, 16),
    };

    /// <summary>Fills in what was not given and says what was filled in, or what is not as recommended.</summary>
    public static (Settings Settings, IReadOnlyList<string> Notes) Complete(Settings settings, StyleDefinition? style, string dataSet)
    {
        string system = style?.Name ?? "";
        bool released = style is null || !TinyQuestions.Systems.Contains(system);
        (int batch, int steps) = s_sequential.TryGetValue((system, dataSet), out (int Batch, int Steps) table)
            ? table
            : (BatchSize, released ? LatentSteps : style!.Defaults.LatentSteps);
        var notes = new List<string>();
        T Fill<T>(T? given, T recommended, string name)
            where T : struct
        {
            if (given is not { } value)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {recommended} (recommended)"));
                return recommended;
            }

            if (!value.Equals(recommended))
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {value} as given ({recommended} is recommended)"));
            return value;
        }

        settings = settings with
        {
            BatchSize = Fill(settings.BatchSize, batch, "--batch_size"),
            Seed = settings.Seed ?? 42,
            MaxNewTokens = released ? Fill(settings.MaxNewTokens, MaxNewTokens(system, dataSet), "--max_new_tokens") : settings.MaxNewTokens,
            Rollouts = Fill(settings.Rollouts, dataSet.StartsWith("aime", StringComparison.Ordinal) ? 10 : 1, "--num_rollouts"),
            Rounds = settings.Rounds ?? [Fill<int>(null, released ? Rounds : style!.Defaults.Rounds, "--num_recursive_rounds")],
            LatentSteps = settings.LatentSteps switch
            {
                null => [Fill<int>(null, steps, "--latent_length")],
                [] => [16, 32, 48],
                var given => [Fill<int>(given[0], steps, "--latent_length"), .. given.Skip(1)],
            },
            SearchesSteps = settings.LatentSteps is [],
            Compatibility = settings.Compatibility ?? (released ? MasCompatibility.Reference : MasCompatibility.Default),
            Prompts = settings.Prompts ?? (dataSet == "gpqa" && system.StartsWith("sequential_", StringComparison.Ordinal) ? LetterOnly : null),
        };
        notes.Add(settings.Compatibility == MasCompatibility.Reference
            ? "--compat reference: as the reference implementation behaves, its faults included"
            : "--compat default: the library's own behaviour");
        return (settings, notes);
    }

    private static int MaxNewTokens(string style, string dataSet)
    {
        bool light = style == "sequential_light";
        return dataSet switch
        {
            "math500" => light ? 1000 : 2000,
            "aime24" or "aime25" or "aime26" => light ? 8192 : 16_000,
            "livecodebench" => 4096,
            _ => 4000,
        };
    }
}
