using System.Globalization;
using Microsoft.Extensions.Logging;
using RecursiveMas.Configuration;

namespace RecursiveMas.Protocol;

/// <summary>Waits between tries: doubling from the first, or as long as the hub asks for. Ends after the last try.</summary>
internal sealed class RetrySchedule(HubSettings settings, ILogger logger)
{
    private const int LongestFactor = 8;

    private int _failures;

    /// <summary>There was progress: the next failure is the first again.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Waits after an answer that may pass.</summary>
    /// <exception cref="HubConnectionException">It was the last try, or the hub asks for too long a wait.</exception>
    public Task WaitAsync(HubCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string status = AnswerStatus.Of(response);
        if (++_failures >= settings.MaxAttempts)
            throw new HubConnectionException(
                call.Subject,
                $"{call.Address.Host} answers {status} after {_failures} tries. " +
                $"{(response.StatusCode == System.Net.HttpStatusCode.TooManyRequests ? "Too many requests were made; a token raises the limit. " : "")}Try " +
                "again later; what has arrived is kept.");
        TimeSpan? asked = RetryAfter(response);
        if (asked > settings.MaxRetryAfter)
            throw new HubConnectionException(call.Subject, $"{call.Address.Host} answers {status} and asks to wait " +
                $"{asked.Value.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s. Try again then; what has arrived is kept.");
        return DelayAsync(call, asked ?? Delay(), status, cancellationToken);
    }

    /// <summary>Waits after a failure of the network.</summary>
    /// <exception cref="HubException">It was the last try.</exception>
    public Task WaitAsync(HubCall call, Exception error, CancellationToken cancellationToken) =>
        !NetworkFaults.MayPass(error) || ++_failures >= settings.MaxAttempts
        ? throw NetworkFaults.Final(call, error, settings.Endpoint)
        : DelayAsync(call, Delay(), NetworkFaults.Cause(error), cancellationToken);

    /// <summary>How long the hub asks to wait: by Retry-After, or one second more than until its rate limit starts anew.</summary>
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is { } after)
        {
            TimeSpan? wait = after.Delta ?? (after.Date is { } date ? date - settings.Clock.GetUtcNow() : null);
            return wait is { } span ? (span > TimeSpan.Zero ? span : TimeSpan.Zero) : null;
        }

        // RateLimit: "api";r=0;t=55
        if (!response.Headers.TryGetValues("RateLimit", out IEnumerable<string>? limits))
            return null;
        foreach (string part in limits.SelectMany(limit => limit.Split(';')).Select(part => part.Trim()))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal)
                && int.TryParse(part.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
                return TimeSpan.FromSeconds(seconds + 1L);
        }

        return null;
    }

    private TimeSpan Delay() => settings.RetryDelay * Math.Min(1 << Math.Min(_failures - 1, 30), LongestFactor);

    private Task DelayAsync(HubCall call, TimeSpan wait, string why, CancellationToken cancellationToken)
    {
        logger.LogWarning(
            "{Subject}: {Why}; try {Next} of {Tries} in {Seconds:0.#} s",
            call.Subject, why, _failures + 1, settings.MaxAttempts, wait.TotalSeconds);
        return Task.Delay(wait, settings.Clock, cancellationToken);
    }
}
