namespace RecursiveMas.Tool.Commands;

/// <summary>What of a system is on this machine.</summary>
/// <param name="Plan">The files that are complete: for all tasks, or for some; null if not even one task has all that it needs.</param>
/// <param name="Tasks">The tasks that are complete; empty where one set of links serves all, or nothing is.</param>
/// <param name="Fault">Why it is not complete for all tasks; null if it is.</param>
internal sealed record SystemState(HubPlan? Plan, IReadOnlyList<string> Tasks, HubException? Fault)
{
    public bool IsComplete => Fault is null;

    public static async Task<SystemState> FindAsync(HubClient client, ReleasedSystem system, CancellationToken cancellationToken)
    {
        try
        {
            return new SystemState(await client.PlanFromCacheAsync(system, cancellationToken: cancellationToken), system.Tasks, null);
        }
        catch (HubException fault)
        {
            var tasks = new List<string>();
            foreach (string task in system.Tasks)
            {
                if (await TryAsync(client, system, [task], cancellationToken) is not null)
                    tasks.Add(task);
            }

            return new SystemState(tasks.Count == 0 ? null : await TryAsync(client, system, tasks, cancellationToken), tasks, fault);
        }
    }

    /// <summary>The complete files.</summary>
    /// <exception cref="HubException">Nothing is complete; what is missing is listed.</exception>
    public HubPlan Require() => Plan ?? throw Fault!;

    private static async Task<HubPlan?> TryAsync(
        HubClient client,
        ReleasedSystem system,
        IReadOnlyCollection<string> tasks,
        CancellationToken cancellationToken)
    {
        try
        {
            return await client.PlanFromCacheAsync(system, tasks, cancellationToken);
        }
        catch (HubException)
        {
            return null;
        }
    }
}
