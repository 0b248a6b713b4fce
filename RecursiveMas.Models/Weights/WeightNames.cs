namespace RecursiveMas.Weights;

/// <summary>One name for the same weight in every checkpoint layout.</summary>
internal static class WeightNames
{
    // The last one comes from saving a model inside DataParallel.
    private static readonly string[] s_wrappers = ["model.", "language_model.", "module."];

    // What torch.compile and sharded training put around the model or any layer of it; no family has a part of such a name.
    private static readonly string[] s_innerWrappers = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];

    // Judged before anything is matched: a multi-token-prediction head has layers and norms of its own.
    private static readonly string[] s_otherParts = ["visual.", "vision_tower.", "multi_modal_projector.", "mtp."];

    /// <summary>The name without the wrappers that its saver put around the text model; null for a part that a text model does not have.</summary>
    /// <param name="stored">The name in the file.</param>
    public static string? Normalize(string stored)
    {
        foreach (string wrapper in s_innerWrappers)
            stored = stored.Replace(wrapper, "", StringComparison.Ordinal);
        int at = 0;
        for (bool found = true; found;)
        {
            found = false;
            foreach (string wrapper in s_wrappers)
            {
                if (stored.AsSpan(at).StartsWith(wrapper, StringComparison.Ordinal))
                {
                    at += wrapper.Length;
                    found = true;
                }
            }
        }

        string name = stored[at..];
        foreach (string part in s_otherParts)
        {
            if (name.StartsWith(part, StringComparison.Ordinal))
                return null;
        }

        // Rotary tables were saved by old versions; they follow from the configuration.
        return name.StartsWith("rotary_emb.", StringComparison.Ordinal) || name.Contains(".rotary_emb.", StringComparison.Ordinal) ? null : name;
    }
}
