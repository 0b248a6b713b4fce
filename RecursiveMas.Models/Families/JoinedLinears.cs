namespace RecursiveMas.Families;

/// <summary>The linear maps that read the same input, and so become one product where weights may be copied.</summary>
internal static class JoinedLinears
{
    public static readonly IReadOnlyList<string> Attention = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"];
    public static readonly IReadOnlyList<string> Mlp = ["mlp.gate_proj", "mlp.up_proj"];
    public static readonly IReadOnlyList<string> Delta = ["linear_attn.in_proj_qkv", "linear_attn.in_proj_z", "linear_attn.in_proj_b", "linear_attn.in_proj_a"];

    /// <summary>The weights that one is joined with, itself included; it alone where it is joined with none.</summary>
    /// <param name="weight">Normalised name, with ".weight".</param>
    public static IReadOnlyList<string> WeightsWith(string weight)
    {
        foreach (IReadOnlyList<string> group in new[] { Attention, Mlp, Delta })
        {
            foreach (string part in group)
            {
                string end = $"{part}.weight";
                if (weight.EndsWith(end, StringComparison.Ordinal))
                    return [.. group.Select(other => $"{weight[..^end.Length]}{other}.weight")];
            }
        }

        return [weight];
    }
}
