namespace RecursiveMas.Checkpoints.Pt;

/// <summary>One record to be written.</summary>
/// <param name="Name">Its name below the root folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Write">Hands its bytes on in pieces.</param>
internal sealed record PtRecordSource(string Name, long Length, Action<Action<ReadOnlySpan<byte>>> Write)
{
    public static PtRecordSource Of(string name, byte[] bytes) => new(name, bytes.Length, take => take(bytes));
}
