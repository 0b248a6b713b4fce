using System.Globalization;

namespace RecursiveMas;

/// <summary>A figure that somebody has published of a released system.</summary>
/// <param name="Table">Where it stands.</param>
/// <param name="Label">What it is of, in its table.</param>
/// <param name="System">Name of the system.</param>
/// <param name="DataSet">Short name of the data set; empty for a mean over several.</param>
/// <param name="Method">How the system was asked; null for what this library does not run, such as another training.</param>
/// <param name="Rounds">Rounds; null if they are not stated or there are none.</param>
/// <param name="LatentSteps">Latent steps; null if they are not stated.</param>
/// <param name="Unit">"%", "pass@10" (per cent), "s", "tokens", "x", "% fewer", or "unstated".</param>
/// <param name="Value">The figure.</param>
public sealed record PublishedFigure(
    string Table, string Label, string System, string DataSet, EvaluationMethod? Method, int? Rounds, int? LatentSteps, string Unit, double Value)
{
    /// <summary>All of them, in the order of their tables: of the paper, of the later release, and of independent reproductions.</summary>
    public static IReadOnlyList<PublishedFigure> All { get; } = [.. Read()];

    /// <summary>Whether a variant of a run is what the figure is of, so that both can be compared.</summary>
    /// <param name="run">The run.</param>
    /// <param name="variant">One of its variants.</param>
    public bool IsOf(EvaluationResult run, VariantResult variant)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(variant);
        return Method == variant.Variant.Method
            && System == run.Manifest.SystemName
            && DataSet == run.Manifest.QuestionsName
            && (Method == EvaluationMethod.Alone || Rounds is null || Rounds == variant.Variant.Rounds)
            && (LatentSteps is null || LatentSteps == variant.Variant.LatentSteps)
            && Unit switch
            {
                "%" => variant.Summary.Rollouts == 1,
                "pass@10" => variant.Summary.Rollouts == 10,
                "tokens" => true,
                _ => false,
            };
    }

    private static IEnumerable<PublishedFigure> Read()
    {
        using var reader = new StreamReader(typeof(PublishedFigure).Assembly.GetManifestResourceStream("published.tsv")!);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split('\t');
            yield return new PublishedFigure(
                fields[0], fields[1], fields[2], fields[3],
                Enum.TryParse(fields[4], ignoreCase: true, out EvaluationMethod method) ? method : null,
                Number(fields[5]), Number(fields[6]), fields[7], double.Parse(fields[8], CultureInfo.InvariantCulture));
        }
    }

    private static int? Number(string text) => text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
