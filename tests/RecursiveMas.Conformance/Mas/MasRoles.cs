namespace RecursiveMas.Conformance.Mas;

/// <summary>The reference implementation's names of stages and markers, and ours.</summary>
internal static class MasRoles
{
    public const string AnswerPass = "solver-retry";

    private static readonly Dictionary<string, string> s_roles = new(StringComparer.Ordinal)
    {
        ["planner"] = "planner",
        ["planner-feedback"] = "planner",
        ["refiner"] = "critic",
        ["solver-feedback"] = "solver",
        ["solver"] = "solver",
        ["hie_math_expert"] = "math",
        ["hie_code_expert"] = "code",
        ["hie_science_expert"] = "science",
        ["hie_summarizer"] = "summarizer",
        ["hie_summarizer_feedback"] = "summarizer",
        ["distill_expert"] = "expert",
        ["distill_learner"] = "learner",
        ["distill_learner_feedback"] = "learner",
        ["deliberation_reflector"] = "reflector",
        ["deliberation_toolcaller"] = "toolcaller",
        ["deliberation_toolcaller_feedback"] = "toolcaller",
    };

    private static readonly Dictionary<string, string> s_slots = new(StringComparer.Ordinal)
    {
        ["<<LATENT_PLANNER_SLOT>>"] = "plan",
        ["<<LATENT_REFINED_SLOT>>"] = "refined",
        ["<<LATENT_FEEDBACK_SLOT>>"] = "feedback",
        ["<<HIE_MATH_EXPERT_SLOT>>"] = "math",
        ["<<HIE_CODE_EXPERT_SLOT>>"] = "code",
        ["<<HIE_SCIENCE_EXPERT_SLOT>>"] = "science",
        ["<<HIE_FEEDBACK_SLOT>>"] = "feedback",
        ["<<DISTILL_EXPERT_SLOT>>"] = "plan",
        ["<<DISTILL_FEEDBACK_SLOT>>"] = "feedback",
        ["<<DELIBERATION_REFLECTOR_SLOT>>"] = "reflector",
        ["<<DELIBERATION_FEEDBACK_SLOT>>"] = "feedback",
    };

    /// <summary>Our name of the role that acts in a stage; the stage's own name for the answer pass.</summary>
    public static string Role(string stage)
    {
        // Experts carry the round in the stage's name.
        int round = stage.IndexOf("-latent-r", StringComparison.Ordinal);
        return s_roles.GetValueOrDefault(round < 0 ? stage : stage[..round], stage);
    }

    public static string Slot(string marker) => s_slots[marker];
}
