namespace RecursiveMas.QuickStart;

/// <summary>Writes an answer piece by piece, without the white space at its ends.</summary>
internal sealed class AnswerText(Screen screen)
{
    private string _held = "";
    private bool _begun;

    public void Add(string piece)
    {
        string text = _held + piece;
        if (!_begun)
            text = text.TrimStart();
        string shown = text.TrimEnd();
        // White space is written when something follows it.
        _held = text[shown.Length..];
        _begun |= shown.Length > 0;
        screen.Answer(shown);
    }
}
