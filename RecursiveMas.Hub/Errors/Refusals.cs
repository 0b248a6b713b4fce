namespace RecursiveMas.Errors;

/// <summary>Says in one exception why several repositories cannot be had.</summary>
internal static class Refusals
{
    public static HubException Together(IReadOnlyList<HubException> refusals)
    {
        if (refusals is [var only])
            return only;
        string subject = $"{refusals.Count} repositories", reason = string.Concat(refusals.Select(refusal => $"\n  {refusal.Message}"));
        return refusals.OfType<HubAccessException>().FirstOrDefault() is { } access ? new HubAccessException(subject, reason, access.TermsPage)
            : refusals.Any(refusal => refusal is HubNotFoundException) ? new HubNotFoundException(subject, reason)
            : new HubProtocolException(subject, reason);
    }
}
