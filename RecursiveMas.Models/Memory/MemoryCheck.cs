namespace RecursiveMas;

/// <summary>
/// What happens where the memory of this machine, or the limit of a control group (container) that the process is in, is too small for what is to be loaded.
/// The memory of other devices is not looked at.
/// </summary>
public enum MemoryCheck
{
    /// <summary>It is refused before a weight is read, by a <see cref="NotEnoughMemoryException"/>.</summary>
    Refuse,

    /// <summary>A warning is logged and loading goes on: it may become very slow, or the system may end the process without a word.</summary>
    Warn,

    /// <summary>Nothing is compared.</summary>
    None,
}
