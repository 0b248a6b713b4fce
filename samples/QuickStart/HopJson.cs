using System.Text.Json;

namespace RecursiveMas.QuickStart;

/// <summary>One line of a trace.</summary>
internal static class HopJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    public static string Of(HopCrossed hop) => JsonSerializer.Serialize(
        new
        {
            hop.Round,
            hop.Edge,
            From = hop.Agent,
            hop.To,
            hop.Slot,
            hop.Shape,
            Dtype = hop.Dtype?.ToString(),
            hop.SmallestNorm,
            hop.MeanNorm,
            hop.LargestNorm,
        },
        s_options);
}
