namespace RecursiveMas.Conformance.Mas;

/// <summary>The reference implementation's names of stages and markers, and ours.</summary>
internal static class MasRoles
{
    private static readonly Dictionary<string, string> s_roles = new(StringComparer.Ordinal)
    {
        ["planner"] = "planner",
        ["planner-feedback"] = "planner",
        ["refiner"] = "critic",
        ["solver-feedback"] = "solver",
        ["solver"] = "solver",
    };

    private static readonly Dictionary<string, string> s_slots = new(StringComparer.Ordinal)
    {
        ["<<LATENT_PLANNER_SLOT>>"] = "plan",
        ["<<LATENT_REFINED_SLOT>>"] = "refined",
        ["<<LATENT_FEEDBACK_SLOT>>"] = "feedback",
    };

    /// <summary>Our name of the role that acts in a stage; the stage's own name for the answer pass.</summary>
    public static string Role(string stage) => s_roles.GetValueOrDefault(stage, stage);

    public static string Slot(string marker) => s_slots[marker];

    public static string Marker(string slot) => s_slots.First(entry => entry.Value == slot).Key;
}
