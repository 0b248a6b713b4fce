using RecursiveMas.Python;

namespace RecursiveMas.Prompts;

/// <summary>Adds the sentence that asks for a choice to questions that do not ask for it themselves.</summary>
internal static class ChoiceQuestion
{
    // Published data sets carry this phrase, whatever the wording of the catalogue.
    private const string Phrase = "choose the correct option";

    /// <summary>What goes behind a question whose end has been trimmed; empty if it asks already.</summary>
    public static string Sentence(string question, string sentence) =>
        question.Contains(Phrase, StringComparison.OrdinalIgnoreCase) || question.Contains(sentence, StringComparison.OrdinalIgnoreCase)
            ? ""
            : "\n\n" + sentence;

    public static string TrimEnd(string question)
    {
        int end = question.Length;
        while (end > 0 && PythonText.IsSpace(question[end - 1]))
            end--;
        return question[..end];
    }
}
