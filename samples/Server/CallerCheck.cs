using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace RecursiveMas.Server;

/// <summary>
/// Lets in who knows the key; where there is none, who calls from this machine. The page and the health check need no key.
/// </summary>
internal sealed class CallerCheck(RequestDelegate next, IOptions<ServerOptions> options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _key = options.Value.ApiKey is { Length: > 0 } key ? Hash(key) : null;

    public Task InvokeAsync(HttpContext context)
    {
        bool local = context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
        if (_key is null && !local)
            throw new ApiException(
                403, "invalid_request_error", "local_only", "Without an API key (Server:ApiKey) only callers on the same machine are served.");
        bool open = context.Request.Path == "/" || context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal);
        if (_key is not null && !open && !Knows(context.Request.Headers.Authorization.ToString()))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new ApiException(401, "invalid_request_error", "invalid_api_key", "The API key is missing or wrong. Send it as a bearer token.");
        }

        return next(context);
    }

    // Hashes have one length, so that neither length nor beginning of the key can be measured.
    private bool Knows(string authorization) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), _key);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
