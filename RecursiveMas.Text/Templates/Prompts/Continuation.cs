using RecursiveMas.Templates.Library;

namespace RecursiveMas.Templates.Prompts;

/// <summary>Ends a prompt inside its last message: a marker is put behind the message's text, and the rendered prompt is cut there.</summary>
internal static class Continuation
{
    private const string Marker = "CONTINUE_FINAL_MESSAGE_TAG ";

    public static (IReadOnlyList<PromptMessage> Messages, string FinalText) Mark(IReadOnlyList<PromptMessage> messages)
    {
        if (messages.Count == 0 || MessageContent.Append(messages[^1].Content, Marker) is not { } marked)
            throw new PromptException("The final message holds no text that the model could continue. Give it some, or do not ask to continue it.");
        PromptMessage last = messages[^1] with { Content = marked.Content };
        return ([.. messages.SkipLast(1), last], marked.Before);
    }

    public static string Cut(string prompt, string finalText)
    {
        string bareMarker = Marker.TrimEnd();
        int at = prompt.LastIndexOf(bareMarker, StringComparison.Ordinal);
        string bareText = StringMethods.Strip(finalText, null, left: true, right: true);
        if (at < 0 || !prompt.Contains(bareText, StringComparison.Ordinal))
            throw new PromptException(
                "The final message does not appear in the rendered prompt, so it cannot be continued: the template leaves it out or changes it.");
        // Where the template trims contents, the marker's space is gone and so must be the space before the marker.
        bool keepsSpace = prompt.AsSpan(at).StartsWith(Marker);
        return keepsSpace ? prompt[..at] : StringMethods.Strip(prompt[..at], null, left: false, right: true);
    }
}
