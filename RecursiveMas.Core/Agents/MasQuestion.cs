using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The kind of answer that a question asks for. It selects prompts, and links where a system has several sets.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskKind>))]
public enum TaskKind
{
    /// <summary>A short final answer in a box. The default.</summary>
    Math,

    /// <summary>One of several lettered answers.</summary>
    Choice,

    /// <summary>A program.</summary>
    Code,

    /// <summary>An answer in plain words.</summary>
    Free,
}

/// <summary>A question to a system.</summary>
/// <param name="Text">The question as the user wrote it; inserted literally into prompts.</param>
public sealed record MasQuestion(string Text)
{
    /// <summary>The question as the user wrote it.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Text { get; init => field = Given.NotNull(value, nameof(Text)); } = Given.NotNull(Text);

    /// <summary>The kind of answer that is wanted. Default: <see cref="TaskKind.Math"/>.</summary>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    public TaskKind Kind { get; init => field = Given.Defined(value, nameof(Kind)); } = TaskKind.Math;

    /// <summary>
    /// The kind whose links are used, where a system has a set for code and one for everything else. Default: null, which follows <see cref="Kind"/>. The
    /// reference implementation reads programs for standard input with the links for <see cref="TaskKind.Math"/>.
    /// </summary>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    public TaskKind? LinkKind { get; init => field = value is { } kind ? Given.Defined(kind, nameof(LinkKind)) : null; }

    /// <summary>
    /// Identifies the question within a data set; together with the seed it determines the question's random numbers. Default: its place in the call.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>For code: name of the function that is wanted; null if it has no given name.</summary>
    public string? FunctionName { get; init; }

    /// <summary>For code: true if a whole program reading standard input is wanted rather than a function. Default: false.</summary>
    public bool WholeProgram { get; init; }

    /// <summary>
    /// What was said before, oldest first. Every agent reads it as turns of its chat template, between its system turn and the prompt of its role. Default:
    /// none. The released links were trained without.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<MasTurn> History { get; init => field = Given.AllNotNull(value, nameof(History)); } = [];

    /// <summary>
    /// The asker's instructions. Every agent reads them in its system turn, behind its own system text and a blank line, inserted literally. Default: none.
    /// </summary>
    public string? Instructions { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Text = {Text}, Kind = {Kind}, LinkKind = {LinkKind}, Id = {Id}");
        builder.Append(CultureInfo.InvariantCulture, $", FunctionName = {FunctionName}, WholeProgram = {WholeProgram}");
        builder.Append(CultureInfo.InvariantCulture, $", History = [{string.Join(", ", History.Select(turn => $"{turn.Role}: {turn.Text}"))}]");
        builder.Append(CultureInfo.InvariantCulture, $", Instructions = {Instructions}");
        return true;
    }
}
