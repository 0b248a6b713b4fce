namespace RecursiveMas.Hub.Tests;

/// <summary>Fails the test when a request is made.</summary>
internal sealed class NoNetwork : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"The network was used: {request.Method} {request.RequestUri}");
}
