namespace RecursiveMas;

/// <summary>Where Qwen3.5's linear layers round in bfloat16 and float16; in float32 it makes no difference. The defaults follow transformers 5.3.0.</summary>
public sealed record GatedDeltaRounding
{
    /// <summary>Round <c>A_log</c> and the gated norm's weight, which official files hold in float32, to the model's element type. Default: true.</summary>
    public bool RoundParameters { get; init; } = true;

    /// <summary>Normalise queries and keys in the model's element type, rather than in float32 as later versions of transformers do. Default: true.</summary>
    public bool NormalizeInModelDtype { get; init; } = true;
}
