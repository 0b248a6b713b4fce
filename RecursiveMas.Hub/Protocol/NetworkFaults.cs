using System.Net.Sockets;

namespace RecursiveMas.Protocol;

/// <summary>Tells failures of the network from others.</summary>
internal static class NetworkFaults
{
    /// <summary>Whether another try may succeed: the connection failed or broke, or the answer came too late.</summary>
    public static bool MayPass(Exception error) => error switch
    {
        // A proxy that refuses will refuse again, and is never taken for a missing network.
        HttpRequestException http => !IsProxy(http) && http.HttpRequestError is not (HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.UserAuthenticationError),
        HttpIOException or SocketException or TimeoutException => true,
        // The caller's own cancellation is checked before: this is a time limit.
        OperationCanceledException => true,
        IOException { InnerException: SocketException } => true,
        _ => false,
    };

    /// <summary>The error after the last try.</summary>
    public static HubException Final(HubCall call, Exception error, Uri endpoint)
    {
        string proxy = HttpClient.DefaultProxy.GetProxy(call.Address) is { } address && !HttpClient.DefaultProxy.IsBypassed(call.Address)
            ? $" Requests go through the proxy {address.Host}:{address.Port} (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)." : "";
        if (error is HttpRequestException http && IsProxy(http))
            return new HubException(call.Subject, $"the proxy refused the connection to {call.Address.Host}: {error.Message}{proxy}", error);
        string what = error is OperationCanceledException ? $"{call.Address.Host} did not answer in time." : $"{call.Address.Host} cannot be reached: {Innermost(error).Message}.";
        return new HubConnectionException(call.Subject, $"{what}{proxy} Check the network and the endpoint {endpoint.GetLeftPart(UriPartial.Authority)}; what has arrived is kept, so that the next try goes on from there.", error);
    }

    public static bool IsProxy(HttpRequestException error) => error.HttpRequestError == HttpRequestError.ProxyTunnelError;

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error;
    }
}
