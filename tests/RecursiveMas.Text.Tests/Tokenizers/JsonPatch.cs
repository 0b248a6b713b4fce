using System.Text.Json;
using System.Text.Json.Nodes;

namespace RecursiveMas.Text.Tests.Tokenizers;

/// <summary>Applies the patches of the golden data to a JSON file.</summary>
internal static class JsonPatch
{
    public static byte[] Apply(byte[] json, JsonElement patch)
    {
        JsonNode root = JsonNode.Parse(json)!;
        foreach (JsonElement step in patch.EnumerateArray())
        {
            string[] path = [.. step.GetProperty("path").GetString()!
                .Split('/')
                .Skip(1)
                .Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
            JsonNode parent = path.SkipLast(1).Aggregate(root, (node, part) => node is JsonArray list ? list[int.Parse(part)]! : node[part]!);
            bool remove = step.GetProperty("op").GetString() == "remove";
            JsonNode? value = remove ? null : JsonNode.Parse(step.GetProperty("value").GetRawText());
            if (parent is JsonArray array)
            {
                int index = int.Parse(path[^1]);
                if (remove)
                    array.RemoveAt(index);
                else
                    array[index] = value;
            }
            else if (remove)
            {
                parent.AsObject().Remove(path[^1]);
            }
            else
            {
                parent[path[^1]] = value;
            }
        }

        return JsonSerializer.SerializeToUtf8Bytes(root);
    }
}
