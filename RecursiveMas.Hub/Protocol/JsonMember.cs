using System.Text.Json;

namespace RecursiveMas.Protocol;

internal static class JsonMember
{
    /// <summary>A member of an object; null if it has none, or is not an object.</summary>
    public static JsonElement? Of(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out JsonElement value) ? value : null;
}
