using System.Text.Json;
using Microsoft.Extensions.AI;
using RecursiveMas.Functions;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>
/// A function of Microsoft.Extensions.AI as a tool of any agent. What the agent writes between the tags are the arguments as a JSON object; where the function
/// has one parameter, its value alone will do, a text without quotation marks.
/// </summary>
/// <remarks>
/// Arguments are checked against the function's JSON schema before it is called. Text and numbers that it returns are read by the agent as they are, other
/// results as JSON. Immutable; safe for concurrent calls if the function is.
/// </remarks>
public sealed class AIFunctionTool : IMasTool
{
    private readonly AIFunction _function;
    private readonly FunctionInput _input;

    /// <summary>Makes a tool of a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="name">
    /// Name of the tool and of its tags. Default: null, the function's name in lower case, with underscores in place of hyphens and dots.
    /// </param>
    /// <exception cref="ArgumentNullException">There is no function.</exception>
    /// <exception cref="InvalidOptionException">The function must be approved of before each call, and nobody is asked within a run.</exception>
    public AIFunctionTool(AIFunction function, string? name = null)
    {
        _function = Given.NotNull(function);
        if (function.GetService<ApprovalRequiredAIFunction>() is not null)
        {
            throw new InvalidOptionException(
                nameof(function), $"'{function.Name}' must be approved of before each call, and nobody is asked within a run. Give the function inside of it.");
        }

        Name = name ?? function.Name.ToLowerInvariant().Replace('-', '_').Replace('.', '_');
        _input = new FunctionInput(Name, function.JsonSchema);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>What the function does, and the JSON schema of its arguments.</summary>
    public string Description => $"{(_function.Description.Length > 0 ? _function.Description : _function.Name)} Input: {_input.Wanted}";

    /// <summary>The function.</summary>
    public AIFunction Function => _function;

    /// <summary>Calls the function.</summary>
    /// <param name="input">The arguments as a JSON object, or the value of the only parameter.</param>
    /// <param name="context">Who calls. The function finds it in <see cref="AIFunctionArguments.Context"/> under <c>typeof(ToolContext)</c>.</param>
    /// <param name="cancellationToken">Handed to the function.</param>
    /// <exception cref="ToolInputException">The input is no JSON object, or does not fit the function's schema; the message says where.</exception>
    public async Task<ToolResult> RunAsync(string input, ToolContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        AIFunctionArguments arguments = _input.Read(input);
        arguments.Context = new Dictionary<object, object?> { [typeof(ToolContext)] = context };
        return new ToolResult(Text(await _function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false)));
    }

    private string Text(object? result) => result switch
    {
        null => "",
        string text => text,
        TextContent text => text.Text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        JsonElement json => json.GetRawText(),
        var other => JsonSerializer.Serialize(other, _function.JsonSerializerOptions.GetTypeInfo(other.GetType())),
    };
}
