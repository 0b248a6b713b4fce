using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A token that stands near to a latent vector.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its text; a token that is part of a character, or stands for none, may have an unreadable one.</param>
/// <param name="Probability">How likely the output head finds it, from 0 to 1.</param>
public sealed record NearToken(int Id, string Text, double Probability)
{
    /// <summary>Its text.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Text { get; init => field = Given.NotNull(value, nameof(Text)); } = Given.NotNull(Text);
}
