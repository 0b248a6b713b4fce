using System.Net;
using System.Net.Http.Headers;

namespace RecursiveMas.Protocol;

/// <summary>Reads the start of a file over the network.</summary>
internal static class RangeRead
{
    public static Task<byte[]> StartAsync(HubHttp http, HubListing listing, HubFile file, int count, CancellationToken cancellationToken)
    {
        var call = new HubCall(HttpMethod.Get, http.Addresses.File(listing.Repository, listing.Commit, file.Path), $"{listing.Repository}/{file.Path}")
        {
            Repository = listing.Repository,
            Range = count < file.Size ? new RangeHeaderValue(0, count - 1) : null,
        };
        return http.SendAsync(
            call,
            async (response, limit) =>
            {
                // A server without ranges sends everything; the rest is not read.
                if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From is not 0)
                    throw new HubProtocolException(
                        call.Subject,
                        $"{call.Address.Host} answers with the bytes '{response.Content.Headers.ContentRange}' where the start was asked for. Try again.");
                byte[] bytes = new byte[count];
                using Stream body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
                for (int have = 0; have < count;)
                {
                    int read = await body.ReadAsync(bytes.AsMemory(have), limit.Token).ConfigureAwait(false);
                    if (read == 0)
                        throw new HttpIOException(HttpRequestError.ResponseEnded, $"the answer ended at {have:N0} of {count:N0} bytes");
                    limit.Restart();
                    have += read;
                }

                return bytes;
            },
            cancellationToken);
    }
}
