using System.Text.Json;
using RecursiveMas.Testing;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>The data sets of the golden scoring data.</summary>
internal static class ScoredSets
{
    /// <summary>The kind of question of a row's data set.</summary>
    public static TaskKind Kind(this JsonElement row) => row.Text("dataset") is "medqa" or "gpqa" ? TaskKind.Choice : TaskKind.Math;
}
