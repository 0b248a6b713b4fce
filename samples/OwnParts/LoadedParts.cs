namespace RecursiveMas.OwnParts;

/// <summary>The parts of a loaded system in one's own hands: an agent thinks, and a link carries the thought to the next one.</summary>
internal static class LoadedParts
{
    public static async Task ShowAsync(TextWriter output)
    {
        await output.WriteLineAsync("Parts of a loaded system:");
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny");
        var planner = (LatentAgent)mas.Agents["planner"];
        IRecursiveLink link = mas.Links["outer_12"];
        await output.WriteLineAsync(
            $"  planner: {planner.Model.Configuration.ModelType} of width {planner.HiddenSize}, {planner.Tokenizer.VocabularySize} tokens, " +
            $"inner link {planner.InnerLink?.AdapterType}");

        var question = new MasQuestion("Mia has 19 coins. January gets 1. How many coins?");
        await using var session = (ILatentSession)await planner.OpenAsync();
        PromptRead read = await session.ReadAsync(mas.Style.Prompts.GetPrompt("planner", round: 1, question));
        using Thought thought = await session.ThinkAsync(steps: 5);
        using LatentBlock block = link.Apply(thought.Mapped, planner.EmbeddingDtype);
        await output.WriteLineAsync(
            $"  {read.Positions} positions read, {thought.States.Steps} latent steps; over {link.AdapterType} they become [{block.Steps}, " +
            $"{block.HiddenSize}] for the critic");
    }
}
