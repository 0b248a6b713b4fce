namespace RecursiveMas;

/// <summary>Whether files that are not on this machine are downloaded. Folders that are named are used as they are.</summary>
public enum MasDownload
{
    /// <summary>Yes, after it has been said what and how much. The default.</summary>
    Auto,

    /// <summary>Only if <see cref="MasOptions.ConfirmDownload"/> says yes.</summary>
    Ask,

    /// <summary>No: what is missing is an error that lists it.</summary>
    Never,
}
