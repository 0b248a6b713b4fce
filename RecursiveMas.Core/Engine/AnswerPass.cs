using Microsoft.Extensions.Logging;
using RecursiveMas.Runs;
using RecursiveMas.Shared;
using RecursiveMas.Tools;

namespace RecursiveMas.Engine;

/// <summary>A text after the answer pass, if there was one.</summary>
internal sealed record FinishedText(string Text, IReadOnlyList<int> TokenIds, ExtractedAnswer? Answer, bool WentOn);

/// <summary>Reads the answer of a writer's text, and lets the writer go on where there is none.</summary>
internal sealed class AnswerPass(RunRequest request, AgentTurn turn, RunRecord record, ILogger logger)
{
    public async Task<FinishedText> FinishAsync(ToolText toolText, CancellationToken cancellationToken)
    {
        WrittenText written = toolText.Written;
        string text = TextTrim.Both(written.Text), said = TextTrim.Both(toolText.Said);
        var finished = new FinishedText(text, written.TokenIds, request.Answers?.Read(request.Question, said), WentOn: false);
        // Whoever names a sequence that ends the answer wants nothing behind it.
        if (written.Finish == FinishReason.StopSequence || request.Answers?.Continue(request.Question, said) is not { } how)
            return finished;
        record.Emit(new AnswerPassStarted { Agent = turn.Name, Round = turn.Round, Addition = "\n" + how.Addition });
        try
        {
            WrittenText more = how.InConversation
                ? await GoOnAsync(how, cancellationToken).ConfigureAwait(false)
                : await BeginAnewAsync(how, text, cancellationToken).ConfigureAwait(false);
            string added = how.Addition + more.Text, whole = $"{text}\n{added}";
            return new FinishedText(
                whole,
                [.. written.TokenIds, .. more.TokenIds],
                request.Answers.ReadContinued(request.Question, whole, added),
                WentOn: true);
        }
        catch (PromptException error)
        {
            // No positions are left for it, which leaves the text as it is.
            logger.LogInformation("No answer pass: {Reason}", error.Message);
            return finished;
        }
    }

    /// <summary>The writer's session reads the addition behind its text.</summary>
    private async Task<WrittenText> GoOnAsync(AnswerContinuation how, CancellationToken cancellationToken)
    {
        IAgentSession session = await turn.Sessions.OpenAsync(turn.Name, cancellationToken).ConfigureAwait(false);
        turn.Count(await session.AppendAsync([PromptPart.Given("\n" + how.Addition)], cancellationToken).ConfigureAwait(false));
        return await turn.WriteAsync(session, Options(how), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The reference's way: the writer sees nothing but its own text and the addition.</summary>
    private async Task<WrittenText> BeginAnewAsync(AnswerContinuation how, string text, CancellationToken cancellationToken)
    {
        IAgentSession session = await turn.Parts.Agent(turn.Name).OpenAsync(new SessionOptions { Rereads = false }, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            var prompt = new AgentPrompt(null, [PromptPart.Text($"{text}\n{how.Addition}")]) { Verbatim = true };
            turn.Count(await session.ReadAsync(prompt, cancellationToken).ConfigureAwait(false));
            return await turn.WriteAsync(session, Options(how), cancellationToken).ConfigureAwait(false);
        }
    }

    private WriteOptions Options(AnswerContinuation how) =>
        new()
        {
            MaxNewTokens = how.MaxNewTokens,
            Sampling = request.Sampling,
            Seed = request.Seed,
            Key = $"{turn.QuestionKey}/answer",
            StopSequences = request.StopSequences,
        };
}
