namespace RecursiveMas.Errors;

/// <summary>A repository lacks files without which a system cannot run.</summary>
internal sealed class HubLackingFilesException(string subject, string reason, IReadOnlyList<string> files) : HubProtocolException(subject, reason)
{
    /// <summary>The files, all of them.</summary>
    public IReadOnlyList<string> Files => files;
}
