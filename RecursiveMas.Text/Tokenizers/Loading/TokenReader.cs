using System.Text.Json;
using RecursiveMas.Tokenizers.AddedTokens;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Reads a token as files declare it: its text, or an object with flags.</summary>
internal static class TokenReader
{
    /// <summary>Whether a value is a text or an object with one; true, false and numbers are settings whose names only look alike.</summary>
    public static bool IsToken(JsonRead value) => value.Element.ValueKind == JsonValueKind.String || value.Has("content");

    /// <param name="value">The text or object.</param>
    /// <param name="named">Whether it is a special token by its place.</param>
    public static AddedToken Read(JsonRead value, bool named)
    {
        if (value.Element.ValueKind == JsonValueKind.String)
            return new AddedToken(Bounded(value.OwnText(), value)) { Special = true };
        bool special = named || value.Flag("special", false);
        return new AddedToken(value.Text("content", AddedToken.LongestContent))
        {
            Special = special,
            Normalized = value.Flag("normalized", !special),
            StripLeft = value.Flag("lstrip", false),
            StripRight = value.Flag("rstrip", false),
            SingleWord = value.Flag("single_word", false),
        };
    }

    /// <summary>A text of bounded length.</summary>
    public static string Bounded(string text, JsonRead place) => text.Length <= AddedToken.LongestContent
        ? text
        : throw new CheckpointException(
            place.File,
            $"'{(place.Where.Length <= 100 ? place.Where : "root")}' must be at most {AddedToken.LongestContent} characters long.");
}
