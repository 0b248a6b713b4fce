namespace RecursiveMas.Caching;

/// <summary>What one layer remembers of earlier positions.</summary>
internal abstract class LayerCache : IDisposable
{
    /// <summary>Whether a length that nobody marked can always be returned to.</summary>
    public abstract bool RewindsAnywhere { get; }

    /// <summary>A copy that goes its own way from here. Memory is shared until either of the two has to write into it.</summary>
    public abstract LayerCache Fork();

    /// <summary>Whether <see cref="Rewind"/> can return to a length.</summary>
    public abstract bool CanRewind(int length);

    /// <summary>Forgets everything from a position on.</summary>
    public abstract void Rewind(int length);

    public abstract void Dispose();
}
