namespace RecursiveMas;

/// <summary>The length of a prompt, and the number of positions available.</summary>
/// <param name="Positions">Positions of its text, chat template included; what will fill its slots is not counted.</param>
/// <param name="MaxPositions">Positions that the agent has for prompt, latent steps and written text together.</param>
public readonly record struct PromptSize(int Positions, int MaxPositions);
