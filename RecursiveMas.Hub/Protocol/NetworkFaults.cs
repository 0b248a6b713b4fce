using System.Net.Sockets;

namespace RecursiveMas.Protocol;

/// <summary>Tells failures of the network from others.</summary>
internal static class NetworkFaults
{
    /// <summary>Whether the network failed: the connection was not made or broke, or the answer came too late.</summary>
    public static bool Is(Exception error) => error is HttpRequestException or HttpIOException or SocketException or TimeoutException
        or OperationCanceledException or IOException { InnerException: SocketException };

    /// <summary>Whether another try may succeed. A proxy that refuses and a certificate that is not trusted will be the same again.</summary>
    public static bool MayPass(Exception error) => error is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.ProxyTunnelError or HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded
            or HttpRequestError.UserAuthenticationError,
    };

    /// <summary>What happened, in a few words.</summary>
    public static string Cause(Exception error) => error is OperationCanceledException ? "no answer in time" : Innermost(error).Message.TrimEnd('.');

    /// <summary>The error after the last try.</summary>
    public static HubException Final(HubCall call, Exception error, Uri endpoint)
    {
        string host = call.Address.Host, cause = Cause(error);
        Uri? proxy = HttpClient.DefaultProxy.IsBypassed(call.Address) ? null : HttpClient.DefaultProxy.GetProxy(call.Address);
        string by = proxy is null ? "" : $" {proxy.Host}:{proxy.Port} (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)";
        // A proxy or a certificate that fails is not the same as having no network, and is never passed over.
        return error switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } =>
                new HubException(call.Subject, $"the proxy{by} refused the connection to {host}: {cause}.", error),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } when proxy is not null =>
                new HubException(call.Subject, $"the proxy{by} cannot be reached: {cause}.", error),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new HubException(
                call.Subject,
                $"the encrypted connection to {host} cannot be trusted: {cause}. Check the clock, the certificates of this machine and the endpoint.",
                error),
            OperationCanceledException => new HubConnectionException(call.Subject, $"{host} did not answer in time. {Advice(endpoint)}", error),
            _ => new HubConnectionException(call.Subject, $"{host} cannot be reached: {cause}. {Advice(endpoint)}", error),
        };
    }

    private static string Advice(Uri endpoint) =>
        $"Check the network and the endpoint {endpoint.GetLeftPart(UriPartial.Authority)}; what has arrived is kept, so that the next try goes on from there.";

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error;
    }
}
