using static TorchSharp.torch;

namespace RecursiveMas.Scheduling;

/// <summary>The states that a step gave to the sessions that have read all they had to.</summary>
/// <param name="Works">Their works, in order.</param>
/// <param name="States">[R, H], the state after the final norm at the last position of each.</param>
internal sealed record StepOutput(IReadOnlyList<StepWork> Works, Tensor States)
{
    /// <param name="input">What was read.</param>
    /// <param name="hidden">[N, H].</param>
    public static StepOutput Of(StepInput input, Tensor hidden)
    {
        var works = new List<StepWork>(input.Works.Count);
        var last = new List<long>(input.Works.Count);
        long end = 0;
        for (int i = 0; i < input.Works.Count; i++)
        {
            end += input.Rows[i].Length;
            if (input.Works[i].Session.Unread.Count > 0)
                continue;
            works.Add(input.Works[i]);
            last.Add(end - 1);
        }

        return new StepOutput(works, Select(hidden, last));
    }

    /// <summary>Rows of a tensor [N, H]; the tensor itself if those are all.</summary>
    public static Tensor Select(Tensor rows, List<long> indices)
    {
        if (indices.Count == rows.size(0))
            return rows;
        return indices.Count == 1 ? rows.narrow(0, indices[0], 1) : rows.index_select(0, tensor(indices, int64, rows.device));
    }
}
