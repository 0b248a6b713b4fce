using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Scheduling;

/// <summary>What one pass over the weights reads: new positions of some of the sessions, flat.</summary>
/// <param name="Works">The works that take part, in the order of their rows.</param>
/// <param name="Rows">New positions of each and its cache.</param>
/// <param name="Embeddings">[N, H].</param>
internal sealed record StepInput(IReadOnlyList<StepWork> Works, IReadOnlyList<ForwardRow> Rows, Tensor Embeddings)
{
    /// <summary>Gathers the next positions of sessions. The result joins the current dispose scope.</summary>
    /// <param name="model">The model.</param>
    /// <param name="works">Works whose sessions have something unread; not empty.</param>
    /// <param name="promptPositions">Positions that sessions with more than one unread share.</param>
    public static StepInput Gather(ICausalLanguageModel model, IReadOnlyList<StepWork> works, int promptPositions)
    {
        int[] shares = Shares(works, promptPositions);
        var rows = new List<ForwardRow>(works.Count);
        var taken = new List<StepWork>(works.Count);
        var pieces = new List<InputPiece>();
        for (int i = 0; i < works.Count; i++)
        {
            if (shares[i] == 0)
                continue;
            SessionState session = works[i].Session;
            session.Cache ??= model.CreateCache(session.Unread.Count);
            bool marks = MarkWhereWanted(session);
            rows.Add(new ForwardRow(session.Unread.Take(shares[i], marks, pieces), session.Cache));
            taken.Add(works[i]);
        }

        return new StepInput(taken, rows, Embed(model, pieces));
    }

    /// <summary>
    /// How many positions each work reads in this step: who wants one gets it, the others share, the shortest first so that they leave the more to
    /// the longer.
    /// </summary>
    internal static int[] Shares(IReadOnlyList<StepWork> works, int promptPositions)
    {
        int[] shares = new int[works.Count];
        var readers = new List<int>();
        for (int i = 0; i < shares.Length; i++)
        {
            if (works[i].Session.Unread.Count == 1)
                shares[i] = 1;
            else
                readers.Add(i);
        }

        int left = promptPositions;
        int[] shortestFirst = [.. readers.OrderBy(i => works[i].Session.Unread.Count)];
        for (int place = 0; place < shortestFirst.Length; place++)
        {
            int i = shortestFirst[place], fair = (left + shortestFirst.Length - place - 1) / (shortestFirst.Length - place);
            shares[i] = Math.Min(fair, works[i].Session.Unread.Count);
            left -= shares[i];
        }

        return shares;
    }

    /// <summary>
    /// Marks the cache where the next position is one to return to. A cache that can be cropped anywhere needs no marks, and no cuts of its prompt.
    /// </summary>
    private static bool MarkWhereWanted(SessionState session)
    {
        ModelCache cache = session.Cache!;
        while (session.Unread.MarkIsNext)
        {
            session.Unread.SkipMark();
            if (!cache.RewindsAnywhere)
                cache.Mark();
        }

        return !cache.RewindsAnywhere;
    }

    private static Tensor Embed(ICausalLanguageModel model, List<InputPiece> pieces)
    {
        int ids = pieces.Sum(piece => piece.Ids.Length);
        Tensor? embedded = null;
        if (ids > 0)
        {
            long[] all = new long[ids];
            int at = 0;
            foreach (InputPiece piece in pieces)
            {
                foreach (int id in piece.Ids.Span)
                    all[at++] = id;
            }

            embedded = model.Embed(tensor(all, [ids], int64)); // [ids, H]
            if (pieces.TrueForAll(piece => piece.Vectors is null))
                return embedded;
        }

        // Ids that follow each other stay together.
        var parts = new List<Tensor>();
        (int from, int to) = (0, 0);
        foreach (InputPiece piece in pieces)
        {
            to += piece.Ids.Length;
            if (piece.Vectors is null)
                continue;
            if (to > from)
                parts.Add(embedded!.narrow(0, from, to - from));
            from = to;
            parts.Add(piece.Vectors.to(model.Dtype, model.Device));
        }

        if (to > from)
            parts.Add(embedded!.narrow(0, from, to - from));
        return parts.Count == 1 ? parts[0] : cat(parts, 0); // [N, H]
    }
}
