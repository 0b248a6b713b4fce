using System.Text;

namespace RecursiveMas.Templates.Runtime;

/// <summary>Collects output within the budget.</summary>
internal sealed class TextBuffer
{
    private readonly StringBuilder _text = new();

    public void Append(string text)
    {
        RenderBudget.Text(text.Length);
        _text.Append(text);
    }

    public override string ToString() => _text.ToString();
}
