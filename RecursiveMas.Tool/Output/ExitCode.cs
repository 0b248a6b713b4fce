namespace RecursiveMas.Tool.Output;

/// <summary>What the process says when it ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The hub cannot be reached, or what it answers cannot be used.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Something is not there: on this machine, or on the hub; or files are damaged.</summary>
    public const int Missing = 3;

    /// <summary>A token or accepted terms are needed.</summary>
    public const int Access = 4;

    /// <summary>The disk is full or cannot be written, or the output cannot.</summary>
    public const int Disk = 5;

    /// <summary>Ended by the user.</summary>
    public const int Cancelled = 130;

    public static int Of(RecursiveMasException error) => error switch
    {
        InvalidOptionException => Usage,
        HubOfflineException { InnerException: HubConnectionException } => Failed,
        HubOfflineException or HubNotFoundException => Missing,
        HubAccessException => Access,
        HubDiskException => Disk,
        _ => Failed,
    };
}
