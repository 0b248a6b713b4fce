using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Who spoke a turn of a conversation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MasTurnRole>))]
public enum MasTurnRole
{
    /// <summary>The user.</summary>
    User,

    /// <summary>The system: an earlier answer.</summary>
    Assistant,
}

/// <summary>An earlier turn of a conversation. Inserted literally: its text never counts as special tokens.</summary>
/// <param name="Role">Who spoke.</param>
/// <param name="Text">What was said.</param>
public sealed record MasTurn(MasTurnRole Role, string Text)
{
    /// <summary>Who spoke.</summary>
    /// <exception cref="InvalidOptionException">There is no such role.</exception>
    public MasTurnRole Role { get; init => field = Given.Defined(value, nameof(Role)); } = Given.Defined(Role, nameof(Role));

    /// <summary>What was said.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Text { get; init => field = Given.NotNull(value, nameof(Text)); } = Given.NotNull(Text);
}
