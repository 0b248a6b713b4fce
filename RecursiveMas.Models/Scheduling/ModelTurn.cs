namespace RecursiveMas.Scheduling;

/// <summary>The turn of a model that shares memory with others; nothing for a model that is always in memory.</summary>
/// <remarks>For the step loop alone.</remarks>
internal sealed class ModelTurn(IModelTurns? turns)
{
    // How long a turn waits for what its sessions want next before others get theirs: little in general, longer where a session has just read a prompt.
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(2), s_longGrace = TimeSpan.FromMilliseconds(250);

    private bool _held;
    private bool _awaited;
    private bool _new;

    // Sessions that have read a prompt in this turn and will go on from it.
    private int _expected;

    /// <summary>Whether another model waits for the end of this turn.</summary>
    public bool IsWanted => _held && turns!.OthersWait;

    /// <summary>Begins the turn where that is needed; false if others must end theirs first.</summary>
    /// <param name="retry">Called when another try is worth while.</param>
    public bool TryBegin(Action retry)
    {
        if (turns is null || _held)
            return true;
        _held = _new = turns.TryBegin(retry);
        _awaited = !_held;
        return _held;
    }

    /// <summary>Whether only what goes on from this turn's sessions may be taken up: what waited when the turn began has been.</summary>
    public bool CloseToNew()
    {
        bool closed = IsWanted && !_new;
        _new = false;
        return closed;
    }

    /// <summary>
    /// Waits for what the turn's sessions want next: it comes a moment after their last work, which is worth waiting while others want the turn.
    /// </summary>
    public void AwaitMore(Func<bool> came) => SpinWait.SpinUntil(came, _expected > 0 ? s_longGrace : s_grace);

    /// <summary>Notes works that were taken up or have ended.</summary>
    public void TakenUp(StepWork work) => _expected -= work.Continues && _expected > 0 ? 1 : 0;

    /// <inheritdoc cref="TakenUp"/>
    public void Stepped(IEnumerable<StepWork> works) => _expected += works.Count(work => work is ReadWork && work.Completion.IsCompletedSuccessfully);

    /// <summary>Ends the turn, or the wait for it.</summary>
    public void End()
    {
        if (!_held && !_awaited)
            return;
        _held = _awaited = false;
        _expected = 0;
        turns!.End();
    }
}
