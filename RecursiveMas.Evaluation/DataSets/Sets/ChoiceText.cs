using System.Text.RegularExpressions;
using RecursiveMas.Shared;

namespace RecursiveMas.DataSets.Sets;

/// <summary>Questions with lettered options.</summary>
internal static partial class ChoiceText
{
    // Published data sets carry this phrase, whatever else is added to them.
    private const string Phrase = "choose the correct option";

    /// <summary>The question with the sentence that asks for a choice, unless it asks already.</summary>
    public static string Asking(string question, QuestionWording wording)
    {
        int end = question.Length;
        while (end > 0 && TextTrim.IsSpace(question[end - 1]))
            end--;
        question = question[..end];
        return question.Contains(Phrase, StringComparison.OrdinalIgnoreCase) ? question : $"{question}\n\n{wording.ChoiceSentence}";
    }

    /// <summary>Whether a line begins with a letter A to D, a mark and white space.</summary>
    public static bool HasOptions(string question) => OptionLine().IsMatch(question);

    [GeneratedRegex(@"^\s*[A-Da-d]\s*[.):\-]\s+", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex OptionLine();
}
