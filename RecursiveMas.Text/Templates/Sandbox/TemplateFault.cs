namespace RecursiveMas.Templates.Sandbox;

/// <summary>An error inside the engine, named after the class that Python raises. Leaves the engine as <see cref="ChatTemplateException"/>.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design",
    "CA1064:Exceptions should be public",
    Justification = "Never leaves the engine: turned into ChatTemplateException at its edge.")]
internal sealed class TemplateFault : Exception
{
    public const string LimitType = "LimitError";
    public const string RaisedType = "TemplateError";

    private static readonly HashSet<string> SyntaxTypes = ["TemplateSyntaxError", "TemplateAssertionError", "SyntaxError"];

    public TemplateFault(string type, string message, int line = 0)
        : base(message)
    {
        Type = type;
        Line = line;
    }

    public string Type { get; }

    /// <summary>Line of the template, 0 if only the evaluator knows it.</summary>
    public int Line { get; }

    public static TemplateFault TypeError(string message) => new("TypeError", message);

    public static TemplateFault ValueError(string message) => new("ValueError", message);

    public static TemplateFault Syntax(string message, int line) => new("TemplateSyntaxError", message, line);

    public static TemplateFault Runtime(string message) => new("TemplateRuntimeError", message);

    public static TemplateFault Limit(string message) => new(LimitType, message);

    public ChatTemplateException ToException(string template, int line)
    {
        ChatTemplateErrorKind kind = Type switch
        {
            RaisedType => ChatTemplateErrorKind.Raised,
            LimitType or "RecursionError" => ChatTemplateErrorKind.Limit,
            "SecurityError" => ChatTemplateErrorKind.Security,
            _ when SyntaxTypes.Contains(Type) => ChatTemplateErrorKind.Syntax,
            _ => ChatTemplateErrorKind.Runtime,
        };
        return new ChatTemplateException(template, Line > 0 ? Line : line, kind, Type, Message, this);
    }
}
