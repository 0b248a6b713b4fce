namespace RecursiveMas.Runs;

/// <summary>What calls ask for: the settings of a variant, and which questions go together.</summary>
internal sealed class AskPlan(EvaluationOptions options, EvaluationVariant variant, bool samples)
{
    /// <summary>Without draws all answers to a question are the same one.</summary>
    public bool Copies => options.Rollouts > 1 && !samples;

    public AskOptions Ask => new()
    {
        Rounds = variant.Rounds,
        LatentSteps = variant.LatentSteps,
        Channel = variant.Channel,
        MaxNewTokens = options.MaxNewTokens,
        Sampling = options.Sampling,
        AnswerPass = options.AnswerPass,
        AnswerPassTokens = options.AnswerPassTokens,
        EnableThinking = options.EnableThinking,
        Tools = options.Tools,
        Seed = options.Seed,
        AlternativeSeeds = Copies ? [] : [.. Enumerable.Range(1, options.Rollouts - 1).Select(rollout => options.Seed + rollout)],
        MaxConcurrency = options.BatchSize,
    };

    /// <summary>
    /// Calls with the places of their questions. Whoever gets the blocks of another question needs the same neighbours whenever the run goes on, so that groups
    /// are asked whole: as few as fit into a batch, and as even as can be.
    /// </summary>
    /// <param name="questions">Number of questions.</param>
    /// <param name="done">Places of those that are done.</param>
    public IEnumerable<int[]> Calls(int questions, IReadOnlyCollection<int> done)
    {
        var skip = new HashSet<int>(done);
        if (variant.Channel != MasChannel.Shuffled)
        {
            int[] open = [.. Enumerable.Range(0, questions).Where(place => !skip.Contains(place))];
            if (open.Length > 0)
                yield return open;
            yield break;
        }

        int groups = (questions + options.BatchSize - 1) / options.BatchSize;
        for (int i = 0; i < groups; i++)
        {
            int from = (int)((long)questions * i / groups), to = (int)((long)questions * (i + 1) / groups);
            int[] group = [.. Enumerable.Range(from, to - from)];
            if (!group.All(skip.Contains))
                yield return group;
        }
    }
}
