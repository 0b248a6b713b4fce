using System.Text.Json;

namespace RecursiveMas.Server;

/// <summary>The body of a request.</summary>
internal static class JsonBody
{
    /// <exception cref="ApiException">It is no JSON.</exception>
    public static async Task<JsonElement> ReadAsync(HttpContext context)
    {
        // Another site's form cannot send this type without asking first.
        if (!context.Request.HasJsonContentType())
            throw new ApiException(415, "invalid_request_error", "unsupported_media_type", "The body must be JSON, with the content type application/json.");
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(
                context.Request.Body, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false }, context.RequestAborted);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw ApiException.BadRequest("invalid_json", $"The body is not JSON: {error.Message}");
        }
    }
}
