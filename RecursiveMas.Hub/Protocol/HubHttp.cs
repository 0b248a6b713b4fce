using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using RecursiveMas.Configuration;

namespace RecursiveMas.Protocol;

/// <summary>Sends requests to the hub: redirects, token, time limits, retries.</summary>
/// <param name="settings">How the client works.</param>
/// <param name="addresses">Addresses of the hub.</param>
/// <param name="client">Gives the client of the next request.</param>
/// <param name="logger">Receives retries.</param>
internal sealed class HubHttp(HubSettings settings, HubAddresses addresses, Func<HttpClient> client, ILogger logger)
{
    private const int MostRedirects = 10;
    private static readonly string s_agent = $"RecursiveMas/{typeof(HubHttp).Assembly.GetName().Version!.ToString(3)}";

    public HubSettings Settings => settings;

    public HubAddresses Addresses => addresses;

    /// <summary>Sends a request, again after failures that may pass, and hands its answer to <paramref name="read"/>.</summary>
    /// <param name="call">The request.</param>
    /// <param name="read">
    /// Reads the answer within the time limit that its token brings; network failures while it reads count as failures of the request.
    /// </param>
    /// <param name="cancellationToken">Ends the request and waits.</param>
    /// <exception cref="HubException">The hub refuses, or cannot be reached.</exception>
    public async Task<T> SendAsync<T>(HubCall call, Func<HttpResponseMessage, IdleTimeout, Task<T>> read, CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(settings, logger);
        while (true)
        {
            using var limit = new IdleTimeout(settings.MetadataTimeout, cancellationToken);
            try
            {
                using HttpResponseMessage response = await SendOnceAsync(call, limit).ConfigureAwait(false);
                if (HubAnswers.MayPass(response.StatusCode))
                {
                    await retries.WaitAsync(call, response, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (!response.IsSuccessStatusCode && !(call.StopAtStorage && IsRedirect(response)))
                    throw HubAnswers.Refusal(call, response, addresses, settings.Token is not null);
                return await read(response, limit).ConfigureAwait(false);
            }
            catch (Exception error) when (NetworkFaults.Is(error))
            {
                // The token that ended it is the caller's, not that of the time limit.
                cancellationToken.ThrowIfCancellationRequested();
                await retries.WaitAsync(call, error, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a request once, follows its redirects, and returns the answer whatever its status is.</summary>
    /// <exception cref="HubProtocolException">Redirects lead nowhere.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(HubCall call, IdleTimeout limit)
    {
        if (settings.OfflineBecause is { } why)
            throw new HubConnectionException(call.Subject, $"the network is not used, because {why}.");
        Uri address = call.Address;
        for (int hop = 0; hop < MostRedirects; hop++)
        {
            HttpResponseMessage response = await ExchangeAsync(call, address, limit).ConfigureAwait(false);
            if (!IsRedirect(response))
                return response;
            Uri target = Target(call, address, response);
            if (call.StopAtStorage && (response.Headers.Contains(FileHeaders.LinkedEtag) || !addresses.IsHub(target)))
                return response;
            response.Dispose();
            address = target;
        }

        throw new HubProtocolException(call.Subject, $"{addresses.Endpoint.Host} redirects more than {MostRedirects} times. Check the endpoint.");
    }

    private async Task<HttpResponseMessage> ExchangeAsync(HubCall call, Uri address, IdleTimeout limit)
    {
        using var request = new HttpRequestMessage(call.Method, address);
        request.Headers.UserAgent.ParseAdd(s_agent);
        request.Headers.AcceptEncoding.ParseAdd("identity");
        request.Headers.Range = call.Range;
        // Storage of other hosts is reached by signed addresses, and must never see the token.
        if (settings.Token is { } token && addresses.IsHub(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        limit.Restart();
        HttpResponseMessage response = await client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        if (response.RequestMessage?.RequestUri is { } final && final != address)
        {
            response.Dispose();
            throw new InvalidOptionException("HttpClient", $"it follows redirects by itself ({address.Host} to {final.Host}), so that the hub's headers are " +
                "lost. Make its handler by HubClient.CreateHandler, or set AllowAutoRedirect = false.");
        }

        return response;
    }

    /// <summary>Where a redirect leads.</summary>
    private Uri Target(HubCall call, Uri from, HttpResponseMessage response)
    {
        Uri to = addresses.Own(new Uri(from, response.Headers.Location!));
        if (to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp))
            return to;
        response.Dispose();
        throw new HubProtocolException(
            call.Subject,
            $"{from.Host} redirects to {to.GetLeftPart(UriPartial.Authority)}, which is not encrypted or no web address. Check the endpoint.");
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect
            or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;
}
