using RecursiveMas.Generation.Sampling;

namespace RecursiveMas.Scheduling;

/// <summary>How tokens are chosen. Works with equal rules are sampled together.</summary>
/// <param name="Plan">The resolved parameters.</param>
/// <param name="EndId">The token that ends a text.</param>
internal sealed record SamplingRules(SamplingPlan Plan, int EndId);

/// <summary>Writes tokens until its taker has enough.</summary>
/// <param name="session">The session.</param>
/// <param name="rules">How tokens are chosen.</param>
/// <param name="row">Ids so far and random numbers.</param>
/// <param name="take">Takes each token; true ends the writing.</param>
/// <param name="cancellationToken">Checked before each token.</param>
internal sealed class WriteWork(
    SessionState session,
    SamplingRules rules,
    SamplingRow row,
    Func<int, bool> take,
    CancellationToken cancellationToken) : StepWork(session, cancellationToken)
{
    public override bool Continues => true;

    public SamplingRules Rules => rules;

    public SamplingRow Row => row;

    /// <summary>Takes the next token; true if it was the last.</summary>
    public bool Advance(int token)
    {
        row.Add(token);
        return take(token);
    }
}
