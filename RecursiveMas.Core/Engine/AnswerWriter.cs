using Microsoft.Extensions.Logging;
using RecursiveMas.Runs;
using RecursiveMas.Tools;

namespace RecursiveMas.Engine;

/// <summary>Writes an answer, the answer pass included.</summary>
internal sealed class AnswerWriter(RunRequest request, AgentTurn turn, ILogger logger)
{
    public async Task<(ToolText Written, FinishedText Finished)> WriteAsync(CancellationToken cancellationToken)
    {
        // The final text depends on seed and question alone, so that an answer does not change with the agents before it.
        ToolText written = await ToolWriter.WriteAsync(
            turn,
            request,
            new WriteOptions
            {
                MaxNewTokens = request.MaxNewTokens,
                Sampling = request.Sampling,
                Seed = request.Seed,
                Key = turn.QuestionKey,
                StopSequences = request.StopSequences,
            },
            cancellationToken).ConfigureAwait(false);
        return (written, await new AnswerPass(request, turn, turn.Record, logger).FinishAsync(written, cancellationToken).ConfigureAwait(false));
    }
}
