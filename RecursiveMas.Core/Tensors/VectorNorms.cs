using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>Euclidean norms of the vectors of a block; zeros if it is empty.</summary>
/// <param name="Smallest">The smallest.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Largest">The largest.</param>
public sealed record VectorNorms(
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double Smallest,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double Mean,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double Largest);
