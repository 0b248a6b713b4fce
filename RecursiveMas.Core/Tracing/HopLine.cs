using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RecursiveMas.Tracing;

/// <summary>A hop as a line of JSON.</summary>
internal static class HopLine
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.Default };

    public static string Of(HopCrossed hop)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
            Write(json, hop);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(Utf8JsonWriter json, HopCrossed hop)
    {
        json.WriteStartObject();
        json.WriteNumber("round", hop.Round);
        json.WriteString("edge", hop.Edge);
        json.WriteString("from", hop.Agent);
        json.WriteString("to", hop.To);
        json.WriteString("slot", hop.Slot);
        json.WriteStartArray("shape");
        foreach (long size in hop.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteString("dtype", hop.Dtype?.ToString());
        Write(json, "", new VectorNorms(hop.SmallestNorm, hop.MeanNorm, hop.LargestNorm));
        if (hop.NormsBefore is { } before)
            Write(json, "Before", before);
        Write(json, "cosine", hop.Cosine);
        json.WriteNumber("seconds", Math.Round(hop.Elapsed.TotalSeconds, 6));
        if (hop.Text is { } text)
            json.WriteString("text", text);
        if (hop.ReadOut is { } readOut)
            Write(json, readOut);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string suffix, VectorNorms norms)
    {
        Write(json, "smallestNorm" + suffix, norms.Smallest);
        Write(json, "meanNorm" + suffix, norms.Mean);
        Write(json, "largestNorm" + suffix, norms.Largest);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<IReadOnlyList<NearToken>> readOut)
    {
        json.WriteStartArray("readOut");
        foreach (IReadOnlyList<NearToken> step in readOut)
        {
            json.WriteStartArray();
            foreach (NearToken token in step)
            {
                json.WriteStartObject();
                json.WriteNumber("id", token.Id);
                json.WriteString("text", token.Text);
                Write(json, "probability", token.Probability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // JSON has no number for what a norm may overflow to.
    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is not { } number)
            json.WriteNull(name);
        else if (double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteString(name, double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
    }
}
