using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.Engine;

/// <summary>The end of a run: the text, the answer in it, and the answer pass.</summary>
internal sealed partial class RecursionRun
{
    private async Task<IReadOnlyList<MasAnswer>> AnswerAsync(RecursionStage stage)
    {
        StageWork work = Prepare(stage.Agents[0], stage.Round);
        long started = Stopwatch.GetTimestamp();
        Emit(new StageStarted { Agent = work.Name, Round = work.Round, Rounds = request.Rounds, Action = StageAction.Write });
        WrittenText[] texts = await WriteAsync(work, last: true).ConfigureAwait(false);
        FinishedText[] finished = await FinishAsync(work, texts).ConfigureAwait(false);
        Complete(work, StageAction.Write, started);
        MasAnswer[] answers = [.. finished.Select((text, row) => new MasAnswer
        {
            Question = request.Questions[row],
            Text = text.Text,
            Extracted = text.Answer,
            AnswerPassRan = text.WentOn,
            TokenIds = text.TokenIds,
            Finish = texts[row].Finish,
            Rounds = request.Rounds,
            LatentSteps = request.LatentSteps,
            Usage = _usage.Of(row),
            Trace = _hops,
            Stages = _stages,
            Duration = _clock.Elapsed,
        })];
        for (int row = 0; row < answers.Length; row++)
            Emit(new AnswerReady { Agent = work.Name, Round = work.Round, Row = row, Answer = answers[row] });
        return answers;
    }

    /// <summary>Reads the answers, and sends the writer back where there is none.</summary>
    private async Task<FinishedText[]> FinishAsync(StageWork work, WrittenText[] texts)
    {
        FinishedText[] finished = [.. texts.Select((text, row) => new FinishedText(text.Text, text.TokenIds, request.Answers?.Read(request.Questions[row], text.Text), WentOn: false))];
        var again = new List<(int Row, AnswerContinuation How)>();
        for (int row = 0; row < Rows; row++)
        {
            if (request.Answers?.Continue(request.Questions[row], texts[row].Text) is { } how)
                again.Add((row, how));
        }

        foreach (IGrouping<(int, bool), (int Row, AnswerContinuation How)> group in again.GroupBy(item => (item.How.MaxNewTokens, item.How.InConversation)))
        {
            (int Row, AnswerContinuation How)[] items = [.. group];
            foreach ((int row, AnswerContinuation how) in items)
                Emit(new AnswerPassStarted { Agent = work.Name, Round = work.Round, Row = row, Addition = "\n" + how.Addition });
            WrittenText?[] more = await GoOnAsync(work, texts, items).ConfigureAwait(false);
            for (int i = 0; i < items.Length; i++)
            {
                (int row, AnswerContinuation how) = items[i];
                if (more[i] is not { } written)
                    continue;
                string added = how.Addition + written.Text, whole = $"{texts[row].Text}\n{added}";
                finished[row] = new FinishedText(whole, [.. texts[row].TokenIds, .. written.TokenIds], request.Answers!.ReadContinued(request.Questions[row], whole, added), WentOn: true);
            }
        }

        return finished;
    }

    /// <summary>Lets the writer go on from each text; null where the model has no positions left for that, which leaves the text as it is.</summary>
    private async Task<WrittenText?[]> GoOnAsync(StageWork work, WrittenText[] texts, (int Row, AnswerContinuation How)[] items)
    {
        try
        {
            return await GoOnTogetherAsync(work, texts, items).ConfigureAwait(false);
        }
        catch (PromptException error)
        {
            if (items.Length == 1)
            {
                logger.LogInformation("No answer pass for question {Row}: {Reason}", items[0].Row, error.Message);
                return [null];
            }

            var alone = new List<WrittenText?>();
            foreach ((int Row, AnswerContinuation How) item in items)
                alone.AddRange(await GoOnAsync(work, texts, [item]).ConfigureAwait(false));
            return [.. alone];
        }
    }

    private async Task<WrittenText[]> GoOnTogetherAsync(StageWork work, WrittenText[] texts, (int Row, AnswerContinuation How)[] items)
    {
        int[] rows = [.. items.Select(item => item.Row)];
        bool inConversation = items[0].How.InConversation;
        AgentPrompt[] prompts = inConversation ? TextPrompts(work) : [];
        Dictionary<string, LatentBlock> blocks = inConversation && !TextChannel ? Blocks(work).ToDictionary(block => block.Key, block => block.Value.Rows(rows), StringComparer.Ordinal) : [];
        try
        {
            return await WriteAsync(
                work,
                new WriteRequest
                {
                    Prompts = [.. items.Select(item =>
                    {
                        string start = $"{texts[item.Row].Text}\n{item.How.Addition}";
                        return inConversation
                            ? prompts[item.Row] with { AnswerStart = start }
                            : new AgentPrompt(null, [PromptPart.Text(start)]) { Verbatim = true };
                    })],
                    Blocks = blocks,
                    MaxNewTokens = items[0].How.MaxNewTokens,
                    Sampling = request.Sampling,
                    RowKeys = [.. rows.Select(row => $"{RowKey(request.Questions[row], row, work, last: true)}/answer")],
                },
                rows).ConfigureAwait(false);
        }
        finally
        {
            foreach (LatentBlock block in blocks.Values)
                block.Dispose();
        }
    }
}

/// <summary>A text after the answer pass, if there was one.</summary>
internal sealed record FinishedText(string Text, IReadOnlyList<int> TokenIds, ExtractedAnswer? Answer, bool WentOn);
