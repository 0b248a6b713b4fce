namespace RecursiveMas.Protocol;

/// <summary>Reads the body of an answer into memory, up to a limit.</summary>
internal static class BoundedBody
{
    private const int FirstBuffer = 16 << 10;

    /// <param name="response">The answer.</param>
    /// <param name="call">Its request, for messages.</param>
    /// <param name="limit">Most bytes; longer bodies are an error, whatever the answer claims.</param>
    /// <param name="idle">Starts anew with every piece.</param>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, HubCall call, int limit, IdleTimeout idle)
    {
        HubProtocolException TooLong() =>
            new(call.Subject, $"{call.Address.Host} answers with more than the {limit:N0} bytes that such an answer may have. Check the endpoint.");
        if (response.Content.Headers.ContentLength > limit)
            throw TooLong();
        using Stream body = await response.Content.ReadAsStreamAsync(idle.Token).ConfigureAwait(false);
        byte[] bytes = new byte[(int)Math.Min(response.Content.Headers.ContentLength + 1 ?? FirstBuffer, limit + 1L)];
        int have = 0;
        while (true)
        {
            int read = await body.ReadAsync(bytes.AsMemory(have), idle.Token).ConfigureAwait(false);
            if (read == 0)
                return bytes[..have];
            idle.Restart();
            have += read;
            if (have > limit)
                throw TooLong();
            if (have == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, limit + 1L));
        }
    }
}
