using System.Globalization;
using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a question is put to a system: as it is meant, or in a way that shows what a part of it is worth.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EvaluationMethod>))]
public enum EvaluationMethod
{
    /// <summary>Latent vectors through the links: the system as it is.</summary>
    Latent,

    /// <summary>Baseline: the same agents hand over text.</summary>
    Text,

    /// <summary>Baseline: the agent that writes the answer, asked alone, with nothing but the question.</summary>
    Alone,

    /// <summary>Control: the same prompts with empty slots, and no latent steps.</summary>
    None,

    /// <summary>Control: blocks of zeros.</summary>
    Zero,

    /// <summary>Control: noise of the same norms.</summary>
    Noise,

    /// <summary>Control: the blocks of another question.</summary>
    Shuffled,
}

/// <summary>One way to put all questions of a run, with its rounds and latent steps.</summary>
/// <param name="Method">The way.</param>
/// <param name="Rounds">Rounds, at least 1; 1 for <see cref="EvaluationMethod.Alone"/>.</param>
/// <param name="LatentSteps">Latent steps, at least 0; 0 where none are taken.</param>
public sealed record EvaluationVariant(EvaluationMethod Method, int Rounds, int LatentSteps)
{
    /// <summary>The way.</summary>
    public EvaluationMethod Method { get; } = Given.Defined(Method, nameof(Method));

    /// <summary>Rounds.</summary>
    public int Rounds { get; } = Method == EvaluationMethod.Alone ? 1 : Given.AtLeast(1, Rounds, nameof(Rounds));

    /// <summary>Latent steps.</summary>
    public int LatentSteps { get; } =
        Method is EvaluationMethod.Alone or EvaluationMethod.None or EvaluationMethod.Text ? 0 : Given.AtLeast(0, LatentSteps, nameof(LatentSteps));

    /// <summary>Its name in tables and as the name of its file: "latent-r3-m32", "text-r3", "alone".</summary>
    public string Name => Method switch
    {
        EvaluationMethod.Alone => "alone",
        EvaluationMethod.Text or EvaluationMethod.None => string.Create(CultureInfo.InvariantCulture, $"{Word}-r{Rounds}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Word}-r{Rounds}-m{LatentSteps}"),
    };

    /// <summary>What agents pass to each other.</summary>
    public MasChannel Channel => Method switch
    {
        EvaluationMethod.Text or EvaluationMethod.Alone => MasChannel.Text,
        EvaluationMethod.None => MasChannel.None,
        EvaluationMethod.Zero => MasChannel.Zero,
        EvaluationMethod.Noise => MasChannel.Noise,
        EvaluationMethod.Shuffled => MasChannel.Shuffled,
        _ => MasChannel.Latent,
    };

    private string Word => Method.ToString().ToLowerInvariant();

    /// <summary>
    /// The system at every number of rounds and of latent steps, then each of the other ways once, at the most rounds and the first number of steps.
    /// </summary>
    /// <param name="rounds">Numbers of rounds, at least one.</param>
    /// <param name="latentSteps">Numbers of latent steps, at least one.</param>
    /// <param name="others">Baselines and controls. Default: none.</param>
    /// <returns>Each variant once. The first is the one that is meant: most rounds, first number of steps.</returns>
    /// <exception cref="InvalidOptionException">A list is empty, or a number is out of range.</exception>
    public static IReadOnlyList<EvaluationVariant> Plan(
        IReadOnlyList<int> rounds, IReadOnlyList<int> latentSteps, IReadOnlyList<EvaluationMethod>? others = null)
    {
        ArgumentNullException.ThrowIfNull(rounds);
        ArgumentNullException.ThrowIfNull(latentSteps);
        Given.AtLeast(1, rounds.Count, nameof(rounds));
        Given.AtLeast(1, latentSteps.Count, nameof(latentSteps));
        int most = rounds.Max();
        return
        [
            .. new[] { new EvaluationVariant(EvaluationMethod.Latent, most, latentSteps[0]) }
                .Concat(latentSteps.SelectMany(steps => rounds.Order().Select(round => new EvaluationVariant(EvaluationMethod.Latent, round, steps))))
                .Concat((others ?? []).Select(method => new EvaluationVariant(method, most, latentSteps[0])))
                .Distinct(),
        ];
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
