using RecursiveMas.Shared;

namespace RecursiveMas.Protocol;

/// <summary>Number and words of an answer's status.</summary>
internal static class AnswerStatus
{
    public static string Of(HttpResponseMessage response) => $"{(int)response.StatusCode} {ShownText.Of(response.ReasonPhrase ?? "")}".TrimEnd();
}
