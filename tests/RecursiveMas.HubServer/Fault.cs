namespace RecursiveMas.HubServer;

/// <summary>How an answer misbehaves.</summary>
public sealed record Fault
{
    /// <summary>Answer with this status instead.</summary>
    public int? Status { get; init; }

    /// <summary>Headers to set; a null value removes the header.</summary>
    public IReadOnlyDictionary<string, string?> Headers { get; init; } = new Dictionary<string, string?>();

    /// <summary>Text in place of the answer's body.</summary>
    public string? Body { get; init; }

    /// <summary>Close the connection after so many bytes of a file.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Say nothing any more after so many bytes of a file.</summary>
    public long? StallAfter { get; init; }

    /// <summary>Announce, and send, so many bytes more or fewer than the file has.</summary>
    public int LengthError { get; init; }

    /// <summary>Alter a byte in the middle of a file.</summary>
    public bool Corrupt { get; init; }

    /// <summary>Send files without a length, and go on sending behind their end.</summary>
    public bool Endless { get; init; }

    /// <summary>Send the whole file whatever range is asked for.</summary>
    public bool IgnoreRange { get; init; }

    /// <summary>Most bytes a second of this answer.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>Wait before the answer.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Called when the fault is used, with the request.</summary>
    public Action<ServedRequest>? Used { get; init; }

    public static Fault Answer(int status, params (string Name, string Value)[] headers) =>
        new() { Status = status, Headers = headers.ToDictionary(header => header.Name, header => (string?)header.Value) };
}
