using TorchSharp;

namespace RecursiveMas.Core.Tests.Tracing;

/// <summary>Answers with traces of any size, as a run would leave them.</summary>
internal static class TraceSamples
{
    private static readonly string[] s_names = ["reader", "planner", "critic", "checker", "solver"];

    /// <summary>A ring: each agent hands on to the next, the last to the first; the last writes.</summary>
    public static MasAnswer Ring(int agents, int rounds, string question = "How many coins does Mia have?", string said = "so", string? text = null)
    {
        var hops = new List<HopCrossed>();
        var stages = new List<StageCompleted>();
        var clock = TimeSpan.Zero;
        for (int round = 1; round <= rounds; round++)
        {
            for (int place = 0; place < agents; place++)
            {
                bool writes = round == rounds && place == agents - 1;
                var took = TimeSpan.FromMilliseconds((writes ? 340 : 32) + (place * 9) + (round * place * 3 % 7));
                clock += took;
                stages.Add(new StageCompleted
                {
                    Agent = s_names[place], Round = round, Action = writes ? StageAction.Write : StageAction.Think, Duration = took,
                });
                if (!writes)
                    hops.Add(Hop(place, (place + 1) % agents, round, agents, clock, said, text));
            }
        }

        return new MasAnswer
        {
            Question = new MasQuestion(question), Text = "all done so = 13\n\\boxed{13}", Extracted = new ExtractedAnswer("13", AnswerSource.Box),
            TokenIds = [1, 2, 3], Finish = FinishReason.EndOfSequence, Rounds = rounds, LatentSteps = 5, Trace = hops, Stages = stages, Duration = clock,
            Usage = new MasUsage(new Dictionary<string, AgentUsage> { ["solver"] = new(412, 5 * hops.Count, 22) }),
        };
    }

    private static HopCrossed Hop(int from, int to, int round, int agents, TimeSpan at, string said, string? text)
    {
        double norm = 6 + (2.5 * from) + (1.5 * Math.Sin(round + from));
        return new HopCrossed
        {
            Agent = s_names[from], To = s_names[to], Round = round, Edge = $"outer_{from + 1}{to + 1}", Slot = "thoughts", Elapsed = at, Text = text,
            Shape = text is null ? [5, 96 + (32 * to)] : [0, 0], Dtype = text is null ? torch.ScalarType.Float32 : null,
            SmallestNorm = norm - 0.8, MeanNorm = norm, LargestNorm = norm + 1.3,
            NormsBefore = text is null ? new VectorNorms(norm * 0.7, norm * 0.8, norm * 0.95) : null,
            Cosine = round == 1 || text is not null ? null : 1 - (0.35 / (round + from)),
            ReadOut = text is not null ? null : [.. Enumerable.Range(0, 5).Select(step => (IReadOnlyList<NearToken>)
                [new NearToken(17 + step, said, 0.5), new NearToken(40 + step, " coins", 0.21), new NearToken(9, "\n", 0.08 + (0.001 * agents))])],
        };
    }
}
