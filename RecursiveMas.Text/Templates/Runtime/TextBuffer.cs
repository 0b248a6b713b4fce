using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>Collects output within the budget.</summary>
internal sealed class TextBuffer
{
    private readonly StringBuilder _text = new();
    private TemplateFault? _fault;

    public void Append(string text)
    {
        RenderBudget.Text(text.Length);
        _text.Append(text);
    }

    /// <summary>Appends what a filter or call made. As in Jinja, anything but text fails only when the output is joined.</summary>
    public void AppendResult(object? value)
    {
        if (Texts.TryGet(value, out string text))
            Append(text);
        else
            _fault ??= TemplateFault.TypeError($"sequence item 0: expected str instance, {TypeNames.Of(value)} found");
    }

    public override string ToString() => _fault is null ? _text.ToString() : throw _fault;
}
