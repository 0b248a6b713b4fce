using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>How far a system of a host is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MasSystemState>))]
public enum MasSystemState
{
    /// <summary>Nobody has asked for it yet.</summary>
    NotLoaded,

    /// <summary>It is being downloaded or read.</summary>
    Loading,

    /// <summary>It answers questions.</summary>
    Ready,

    /// <summary>The last try to load it failed.</summary>
    Failed,

    /// <summary>It has been released, or the host is about to.</summary>
    Disposed,
}
