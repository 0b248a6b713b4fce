namespace RecursiveMas.Runs;

/// <summary>What the reference implementation calls a system in its results.</summary>
/// <param name="Method">Value of "method".</param>
/// <param name="Shape">Value of "mas_shape".</param>
/// <param name="HasInputs">Whether its results hold the prompts of the last round.</param>
internal sealed record ReferenceNames(string Method, string Shape, bool HasInputs)
{
    public static ReferenceNames Of(StyleDefinition style) => style.Name.Split('_')[0] switch
    {
        "sequential" => new("ours_recursive", "chain", false),
        "mixture" => new("ours_hie_recursive", "hie", false),
        "distillation" => new("ours_recursive_distill", "distill", true),
        "deliberation" => new("ours_recursive_deliberation", "deliberation", true),
        _ => new(style.Name, style.Name, false),
    };
}
