namespace RecursiveMas;

/// <summary>
/// Something went wrong between this machine and the hub, or in the hub's cache. The message names the repository, the file where there is one, and
/// the fix.
/// </summary>
public class HubException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The repository, file or address that is at fault.</param>
    /// <param name="reason">What is wrong with it and what to do, without its name.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public HubException(string subject, string reason, Exception? innerException = null)
        : base($"{subject}: {reason}", innerException)
    {
        Subject = subject;
    }

    /// <summary>The repository, file or address that is at fault.</summary>
    public string Subject { get; }
}

/// <summary>The hub cannot be reached, or did not answer in time, or went on failing after every retry.</summary>
public class HubConnectionException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The repository, file or address that was asked for.</param>
    /// <param name="reason">What happened and what to do.</param>
    /// <param name="innerException">The network's own error.</param>
    public HubConnectionException(string subject, string reason, Exception? innerException = null)
        : base(subject, reason, innerException)
    {
    }
}

/// <summary>The hub knows no such repository, revision or file.</summary>
public class HubNotFoundException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The repository, revision or file that was asked for.</param>
    /// <param name="reason">What is not there and what to do.</param>
    public HubNotFoundException(string subject, string reason)
        : base(subject, reason)
    {
    }
}

/// <summary>The hub refuses access: a token is missing or wrong, or the terms of a gated repository have not been accepted.</summary>
public class HubAccessException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The repository that was asked for.</param>
    /// <param name="reason">Why it is refused and what to do.</param>
    /// <param name="termsPage">The page on which the terms can be accepted; null if that is not what is missing.</param>
    public HubAccessException(string subject, string reason, Uri? termsPage = null)
        : base(subject, reason)
    {
        TermsPage = termsPage;
    }

    /// <summary>The page on which the repository's terms can be accepted; null if that is not what is missing.</summary>
    public Uri? TermsPage { get; }
}

/// <summary>
/// An answer is not what the hub's protocol allows: unsafe names, contradicting sizes, endless lists, pages of a proxy. Nothing of it is kept.
/// </summary>
public class HubProtocolException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The repository, file or address that was asked for.</param>
    /// <param name="reason">What is wrong with the answer and what to do.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public HubProtocolException(string subject, string reason, Exception? innerException = null)
        : base(subject, reason, innerException)
    {
    }
}

/// <summary>The bytes that arrived do not have the size or the hash that the hub states. They are thrown away.</summary>
public class HubIntegrityException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The file.</param>
    /// <param name="reason">What was expected, what arrived and what to do.</param>
    public HubIntegrityException(string subject, string reason)
        : base(subject, reason)
    {
    }
}

/// <summary>The disk has too little space for what is to be downloaded, or cannot be written to.</summary>
public class HubDiskException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The folder.</param>
    /// <param name="reason">What does not fit and what to do.</param>
    /// <param name="innerException">The system's own error.</param>
    public HubDiskException(string subject, string reason, Exception? innerException = null)
        : base(subject, reason, innerException)
    {
    }
}

/// <summary>Files are not on this machine, and the network must not be used or cannot be reached. Everything that is missing is listed.</summary>
public class HubOfflineException : HubException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="cache">The cache folder that was searched.</param>
    /// <param name="missing">What is missing, by repository; not empty.</param>
    /// <param name="why">Why it is not downloaded, for example "HF_HUB_OFFLINE is set".</param>
    /// <param name="remedy">How to get the files: one sentence with the command.</param>
    /// <param name="innerException">The network's own error, if that is the reason.</param>
    public HubOfflineException(string cache, IReadOnlyList<HubMissing> missing, string why, string remedy, Exception? innerException = null)
        : base(cache, $"not all files are here, and {why}. Missing:{string.Concat(missing.Select(entry => $"\n  {entry}"))}\n{remedy}", innerException)
    {
        Missing = missing;
    }

    /// <summary>What is missing, by repository.</summary>
    public IReadOnlyList<HubMissing> Missing { get; }
}
