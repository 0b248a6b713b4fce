using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>What every command has.</summary>
internal sealed record CommandContext(HubClient Client, CommandOutput Output);
