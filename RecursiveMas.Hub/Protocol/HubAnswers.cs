using System.Net;
using RecursiveMas.Shared;

namespace RecursiveMas.Protocol;

/// <summary>What the hub's refusals mean.</summary>
internal static class HubAnswers
{
    private const int LongestText = 300;

    /// <summary>Whether another try may succeed.</summary>
    public static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>The error for a refusal.</summary>
    public static HubException Refusal(HubCall call, HttpResponseMessage response, HubAddresses addresses, bool hasToken)
    {
        string code = Header(response, "X-Error-Code"), text = Header(response, "X-Error-Message");
        Uri page = addresses.Page(call.Repository);
        string said = text.Length > 0 ? $" The hub says: {text}" : "";
        if (code == "GatedRepo")
        {
            return new HubAccessException(
                call.Subject,
                $"access to this repository is gated. Accept its terms at {page} with your account" +
                    (hasToken ? ", the one that the token belongs to." : ", then set HF_TOKEN to a token of that account.") + said,
                page);
        }

        if (code == "DisabledRepo" || text.Contains("disabled", StringComparison.OrdinalIgnoreCase))
            return new HubAccessException(call.Subject, $"the hub has disabled access to this repository. See {page}.{said}");
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new HubAccessException(
                call.Subject,
                $"the hub answers 401: there is no such repository at {page}, or it is private or gated and needs a " +
                $"token{(hasToken ? " other than the one that was sent" : " (HF_TOKEN)")}.{OtherKind(call)}{said}"),
            HttpStatusCode.Forbidden => new HubAccessException(
                call.Subject,
                $"the hub answers 403: the {(hasToken ? "token's account" : "request without a token")} may not read it. See {page}.{said}"),
            HttpStatusCode.ProxyAuthenticationRequired => new HubException(call.Subject, "the proxy wants a user and password (HTTP_PROXY, HTTPS_PROXY)."),
            HttpStatusCode.NotFound => NotFound(call, code, page, said),
            _ => new HubProtocolException(call.Subject, $"{call.Address.Host} answers {AnswerStatus.Of(response)}.{said} Check the endpoint."),
        };
    }

    private static HubNotFoundException NotFound(HubCall call, string code, Uri page, string said) => code switch
    {
        "RevisionNotFound" => new HubNotFoundException(call.Subject, $"there is no such revision. Branches and tags are listed at {page}.{said}"),
        "EntryNotFound" => new HubNotFoundException(call.Subject, $"there is no such file in this revision. Files are listed at {page}.{said}"),
        _ => new HubNotFoundException(
            call.Subject,
            $"the hub answers 404: there is no such repository at {page}. Check owner, name and kind, and the endpoint.{OtherKind(call)}{said}"),
    };

    private static string OtherKind(HubCall call) =>
        call.Repository.Kind == HubRepositoryKind.Model ? $" If it is a data set, it is written datasets/{call.Repository.Id}." : "";

    /// <summary>A header's text, fit for a message.</summary>
    private static string Header(HttpResponseMessage response, string name) =>
        ShownText.Of(response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(' ', values) : "", LongestText);
}
