namespace RecursiveMas.Caching;

/// <summary>What one layer remembers of a row's earlier positions.</summary>
internal abstract class LayerCache : IDisposable
{
    /// <summary>Positions read.</summary>
    public int Length { get; protected set; }

    /// <summary>Whether every length can always be returned to, without a mark.</summary>
    public abstract bool RewindsAnywhere { get; }

    /// <summary>The smallest length, other than 0, that <see cref="Rewind"/> can return to now.</summary>
    public abstract int EarliestRewind { get; }

    /// <summary>The memory that it holds, shared or not.</summary>
    public abstract IEnumerable<SharedMemory> Memory { get; }

    /// <summary>A copy that goes its own way from here. Memory is shared until one of the two has to write where the other reads.</summary>
    public abstract LayerCache Fork();

    /// <summary>Forgets everything from a position on: 0, or <see cref="EarliestRewind"/> and above.</summary>
    public abstract void Rewind(int length);

    public abstract void Dispose();
}
