using Microsoft.Extensions.Logging;
using RecursiveMas.Loading;
using RecursiveMas.Shared;

namespace RecursiveMas.Systems;

/// <summary>
/// What a system writes into the log: times, devices, types and memory at Information, for everybody; questions and answers at Trace, for who may read them.
/// </summary>
/// <param name="system">Name of the system.</param>
/// <param name="logger">The log.</param>
internal sealed class SystemLog(string system, ILogger logger)
{
    /// <param name="agents">The agents.</param>
    /// <param name="memory">What the system takes.</param>
    /// <param name="time">How long loading took.</param>
    public void Loaded(IEnumerable<IAgent> agents, MasMemoryEstimate memory, TimeSpan time)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        IEnumerable<string> models =
            agents.OfType<LatentAgent>().Select(agent => $"{agent.Model.Dtype} on {DeviceNames.NameOf(agent.Model.Device)}").Distinct();
        logger.LogInformation(
            "'{System}' is loaded in {Seconds:0.0} s: {Models}; about {Memory} with one question, {Resident} resident now",
            system,
            time.TotalSeconds,
            string.Join(", ", models),
            string.Join(", ", memory.PeakByDevice.Select(device => $"{ByteSize.GiB(device.Value)} on {device.Key}")),
            ByteSize.GiB(Environment.WorkingSet));
    }

    public void Asked(MasQuestion question) => logger.LogTrace("'{System}' is asked: {Question}", system, question.Text);

    /// <param name="answer">The answer.</param>
    /// <param name="time">Time since the question was asked.</param>
    public void Answered(MasAnswer answer, TimeSpan time)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        logger.LogInformation(
            "'{System}' answered after {Seconds:0.00} s, {Waited:0.00} s of them in the queue: {Rounds} rounds, {Read} positions read, " +
            "{Latent} latent steps, {Written} tokens written",
            system, time.TotalSeconds, (time - answer.Duration).TotalSeconds, answer.Rounds, answer.Usage.PromptTokens, answer.Usage.LatentVectors,
            answer.Usage.GeneratedTokens);
        logger.LogTrace("'{System}' answered: {Answer}", system, answer.Text);
    }

    /// <param name="error">Why; its message may hold words of the question, so that the caller alone reads it.</param>
    /// <param name="time">Time since the question was asked.</param>
    public void Stopped(Exception error, TimeSpan time) => logger.LogDebug(
        "'{System}' left a question without an answer after {Seconds:0.00} s: {Reason}", system, time.TotalSeconds, error.GetType().Name);
}
