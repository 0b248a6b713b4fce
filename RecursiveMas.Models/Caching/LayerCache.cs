namespace RecursiveMas.Caching;

/// <summary>What one layer remembers of earlier positions.</summary>
internal abstract class LayerCache : IDisposable
{
    /// <summary>A copy that goes its own way from here.</summary>
    public abstract LayerCache Fork();

    /// <summary>Forgets everything from a position on.</summary>
    public abstract void Rewind(int length);

    public abstract void Dispose();
}
