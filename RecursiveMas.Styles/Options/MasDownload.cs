namespace RecursiveMas;

/// <summary>Whether files that are not on this machine are downloaded. Folders that are named are used as they are.</summary>
public enum MasDownload
{
    /// <summary>Yes; what will be downloaded, and how much, is reported first. The default.</summary>
    Auto,

    /// <summary>Only if <see cref="MasOptions.ConfirmDownload"/> says yes.</summary>
    Ask,

    /// <summary>No; missing files are an error that lists them.</summary>
    Never,
}
