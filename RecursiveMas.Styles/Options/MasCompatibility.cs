using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>Whether a system reproduces faults of the reference implementation that published figures depend on.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MasCompatibility>))]
public enum MasCompatibility
{
    /// <summary>The correct behaviour. The default.</summary>
    Default,

    /// <summary>
    /// The reference implementation's, for comparison with published figures. Sequential's planner gets the prompt for mathematics in later rounds of
    /// a code question; answers are read by the reference's rules (see <see cref="AnswerExtraction.Reference"/>); the answer pass sees neither
    /// question nor conversation; tools are called as <see cref="RunRequest.ReferenceTools"/> says, but in a sandbox; code is drawn at temperature 0.2
    /// whatever is asked for; <see cref="ModelDtype.Auto"/> means as stored.
    /// </summary>
    Reference,
}
