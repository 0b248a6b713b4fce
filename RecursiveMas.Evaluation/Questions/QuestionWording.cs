using System.Security.Cryptography;
using System.Text;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>
/// What is added to published questions before agents read them. The reference implementation's sentences are not part of this library; who has them can
/// give them here, and <see cref="IsPublished"/> tells that they are the ones.
/// </summary>
/// <param name="ChoiceSentence">Stands behind a question with lettered options, after an empty line.</param>
/// <param name="TestsLead">The line before the example tests of a code question.</param>
/// <param name="StarterLead">The line before the starter code of a code question.</param>
public sealed record QuestionWording(string ChoiceSentence, string TestsLead, string StarterLead)
{
    private const string PublishedChoice = "8699755af179a028", PublishedTests = "b41ded25aea7c005";

    /// <summary>The library's own words.</summary>
    public static QuestionWording Own { get; } = new("Pick the one right option: A, B, C or D.", "These assertions must hold:", "Starter code:");

    /// <summary>Stands behind a question with lettered options.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string ChoiceSentence { get; init => field = Given.NotNull(value, nameof(ChoiceSentence)); } = Given.NotNull(ChoiceSentence);

    /// <summary>The line before the example tests of a code question.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string TestsLead { get; init => field = Given.NotNull(value, nameof(TestsLead)); } = Given.NotNull(TestsLead);

    /// <summary>The line before the starter code of a code question.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string StarterLead { get; init => field = Given.NotNull(value, nameof(StarterLead)); } = Given.NotNull(StarterLead);

    /// <summary>Whether sentence and lead are the ones with which the published figures were made, by their SHA-256.</summary>
    public bool IsPublished => Fingerprint(ChoiceSentence) == PublishedChoice && Fingerprint(TestsLead) == PublishedTests;

    private static string Fingerprint(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
