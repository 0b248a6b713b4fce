using RecursiveMas.Templates.Binding;
using RecursiveMas.Templates.Library;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Syntax;

namespace RecursiveMas;

/// <summary>
/// A chat template: a Jinja template from a checkpoint, rendered exactly as the transformers library renders it, inside a sandbox.
/// </summary>
/// <remarks>
/// Parsed once, rendered any number of times, concurrently too. Rendering is pure: the same variables and clock give the same text.
/// A template is untrusted code: it reaches nothing but its variables, and limits on steps, text, nesting and numbers end it with a
/// <see cref="ChatTemplateException"/> before it can stall or fill the process. The limits grow with the size of the variables.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly BoundTemplate _template;

    private ChatTemplate(string name, string source, BoundTemplate template)
    {
        Name = name;
        Source = source;
        _template = template;
    }

    /// <summary>The name that messages use.</summary>
    public string Name { get; }

    /// <summary>The source as it was given.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="source">Jinja source, at most 262,144 characters.</param>
    /// <param name="name">Name for messages, for example the file.</param>
    /// <exception cref="ChatTemplateException">The source is no valid template, or nested too deeply.</exception>
    public static ChatTemplate Parse(string source, string name = "chat template")
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            if (source.Length > TemplateLimits.SourceLength)
                throw TemplateFault.Limit(
                    $"the source has {source.Length:N0} characters, more than the {TemplateLimits.SourceLength:N0} that a template may have.");
            BoundTemplate bound = RenderBudget.ForParsing().Run(() => Binder.Bind(StatementParser.Parse(source)));
            return new ChatTemplate(name, source, bound);
        }
        catch (TemplateFault fault)
        {
            throw fault.ToException(name, 0);
        }
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">
    /// Values by name: text, booleans, numbers, null, lists and dictionaries of these, and <see cref="System.Text.Json.JsonElement"/>.
    /// A null value is Jinja's none; a name that is left out is undefined.
    /// </param>
    /// <param name="clock">What <c>strftime_now</c> reads; the system's clock by default.</param>
    /// <returns>The text of the prompt.</returns>
    /// <exception cref="ChatTemplateException">The template failed, refused the variables or went beyond a limit.</exception>
    /// <exception cref="InvalidOptionException">A variable has a type that templates cannot hold.</exception>
    public string Render(IReadOnlyDictionary<string, object?> variables, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var state = new RenderState(_template.Blocks, clock ?? TimeProvider.System);
        try
        {
            (Dictionary<string, object?> values, long size) = InputValues.Convert(variables);
            return RenderBudget.ForRendering(size).Run(() => _template.Run(state, new TemplateContext(values, Globals.Table)));
        }
        catch (TemplateFault fault)
        {
            throw fault.ToException(Name, state.Line);
        }
    }
}
