namespace RecursiveMas;

/// <summary>
/// What happens where the memory of this machine, or the limit of a control group (container) that the process is in, is too small for what is to be loaded.
/// The memory of other devices is not checked.
/// </summary>
public enum MemoryCheck
{
    /// <summary>Loading is refused with a <see cref="NotEnoughMemoryException"/> before any weight is read.</summary>
    Refuse,

    /// <summary>A warning is logged and loading continues: it may become very slow, or the operating system may end the process.</summary>
    Warn,

    /// <summary>Memory is not checked.</summary>
    None,
}
