namespace RecursiveMas;

/// <summary>The length of a prompt beside the most that its agent can hold.</summary>
/// <param name="Positions">Positions of its text, chat template included, slots without what fills them.</param>
/// <param name="MaxPositions">Positions that the agent has for prompt, latent steps and written text together.</param>
public readonly record struct PromptSize(int Positions, int MaxPositions);
