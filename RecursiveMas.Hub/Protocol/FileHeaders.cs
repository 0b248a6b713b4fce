using System.Globalization;
using System.Net;

namespace RecursiveMas.Protocol;

/// <summary>What the headers of a file say.</summary>
/// <param name="Commit">The commit that it belongs to.</param>
/// <param name="ContentId">SHA-256, or id of the git object.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Location">Where to download it.</param>
internal sealed record FileHeaders(string Commit, string ContentId, long Size, Uri Location)
{
    public const string LinkedEtag = "X-Linked-Etag";

    private const string LinkedSize = "X-Linked-Size";
    private const string CommitHeader = "X-Repo-Commit";

    /// <summary>Reads the answer to a HEAD request.</summary>
    /// <exception cref="HubProtocolException">A header is missing or makes no sense.</exception>
    public static FileHeaders Read(HubCall call, HttpResponseMessage response)
    {
        string commit = Text(response, CommitHeader)
            ?? throw new HubProtocolException(
                call.Subject,
                $"{call.Address.Host} answers without {CommitHeader}: it is not a hub, or a proxy answers in its place. Check the endpoint.");
        string etag = Text(response, LinkedEtag) ?? response.Headers.ETag?.ToString() ?? Text(response, "ETag")
            ?? throw new HubProtocolException(call.Subject, $"{call.Address.Host} answers without an ETag, so that the content cannot be told from another. " +
                "A proxy may have removed it; check the endpoint.");
        long? size = Text(response, LinkedSize) is { } linked
            ? (long.TryParse(linked, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null)
            : response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : null;
        if (size is null)
            throw new HubProtocolException(call.Subject, $"{call.Address.Host} answers without a size. A proxy may have removed it; check the endpoint.");
        Uri asked = response.RequestMessage!.RequestUri!;
        return new FileHeaders(commit, Strip(etag), size.Value, response.Headers.Location is { } location ? new Uri(asked, location) : asked);
    }

    private static string Strip(string etag) => (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');

    private static string? Text(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out System.Net.Http.Headers.HeaderStringValues values)
            && values.FirstOrDefault() is { Length: > 0 } text ? text : null;
}
