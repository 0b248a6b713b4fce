namespace RecursiveMas;

/// <summary>Why a chat template failed.</summary>
public enum ChatTemplateErrorKind
{
    /// <summary>The source is not a valid template: nothing was run.</summary>
    Syntax,

    /// <summary>An operation failed while the template ran, for example text plus a number.</summary>
    Runtime,

    /// <summary>The template called <c>raise_exception</c>: it refuses these messages.</summary>
    Raised,

    /// <summary>The template tried to use something that the sandbox forbids.</summary>
    Security,

    /// <summary>The template, its input or its output went beyond a limit that protects the process.</summary>
    Limit,
}

/// <summary>A chat template cannot be parsed or rendered: the message names the template, the line and the reason.</summary>
public sealed class ChatTemplateException : RecursiveMasException
{
    internal ChatTemplateException(string templateName, int line, ChatTemplateErrorKind kind, string errorType, string reason, Exception? innerException = null)
        : base(line > 0 ? $"{templateName}, line {line}: {reason}" : $"{templateName}: {reason}", innerException)
    {
        TemplateName = templateName;
        Line = line;
        Kind = kind;
        ErrorType = errorType;
        Reason = reason;
    }

    /// <summary>Name of the template as it was given when it was parsed.</summary>
    public string TemplateName { get; }

    /// <summary>Line of the template, from 1; 0 if the error has no place in it.</summary>
    public int Line { get; }

    /// <summary>Why the template failed.</summary>
    public ChatTemplateErrorKind Kind { get; }

    /// <summary>Class of the error that Jinja or Python has for this case, for example <c>UndefinedError</c> or <c>TypeError</c>.</summary>
    public string ErrorType { get; }

    /// <summary>The reason alone, without name and line.</summary>
    public string Reason { get; }

    /// <summary>The text that the template gave to <c>raise_exception</c>; null for every other error.</summary>
    public string? RaisedMessage => Kind == ChatTemplateErrorKind.Raised ? Reason : null;
}
