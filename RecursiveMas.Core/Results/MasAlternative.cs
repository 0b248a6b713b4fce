namespace RecursiveMas;

/// <summary>A further answer to a question, drawn with another seed from the same thoughts.</summary>
public sealed record MasAlternative
{
    /// <summary>Its seed.</summary>
    public required long Seed { get; init; }

    /// <summary>As <see cref="MasAnswer.Text"/>.</summary>
    public required string Text { get; init; }

    /// <summary>As <see cref="MasAnswer.Extracted"/>.</summary>
    public ExtractedAnswer? Extracted { get; init; }

    /// <summary>As <see cref="MasAnswer.AnswerPassRan"/>.</summary>
    public bool AnswerPassRan { get; init; }

    /// <summary>As <see cref="MasAnswer.TokenIds"/>.</summary>
    public required IReadOnlyList<int> TokenIds { get; init; }

    /// <summary>As <see cref="MasAnswer.Finish"/>.</summary>
    public required FinishReason Finish { get; init; }

    /// <summary>As <see cref="MasAnswer.Tools"/>.</summary>
    public ToolUse? Tools { get; init; }

    /// <summary>What the writer used for this text alone; its prompt, which all answers share, is not counted.</summary>
    public required AgentUsage Usage { get; init; }

    /// <summary>Time of this text, waiting for the device included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The answer as written.</summary>
    public override string ToString() => Text;
}
