namespace RecursiveMas;

/// <summary>Models that share memory on a device, and use it in turn.</summary>
/// <remarks>Implemented by models that are not always in memory. Safe for concurrent calls.</remarks>
public interface IModelTurns
{
    /// <summary>Whether another model waits for its turn.</summary>
    bool OthersWait { get; }

    /// <summary>Begins a turn, in which the model stays in memory.</summary>
    /// <param name="retry">Called when another try is worth while, if others must end their turns first.</param>
    /// <returns>False if others must end their turns first.</returns>
    bool TryBegin(Action retry);

    /// <summary>Ends the turn, or the wait for one.</summary>
    void End();
}
