using System.ComponentModel.DataAnnotations;

namespace RecursiveMas.Server;

/// <summary>Who may ask, and how much: the section "Server" of the configuration.</summary>
internal sealed class ServerOptions
{
    /// <summary>Key that callers send as a bearer token. Empty: none is needed, but only callers on this machine are served.</summary>
    public string ApiKey { get; set; } = "";

    [Range(1_024, 100 << 20)]
    public long MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>Time of a question, the queue included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan MaxTime { get; set; } = TimeSpan.FromMinutes(5);

    [Range(1, int.MaxValue)]
    public int MaxNewTokens { get; set; } = 4_096;

    [Range(1, RecursionEngine.MaximumRounds)]
    public int MaxRounds { get; set; } = 10;

    [Range(0, int.MaxValue)]
    public int MaxLatentSteps { get; set; } = 128;

    /// <exception cref="InvalidOptionException">A request wants more than this server gives.</exception>
    public void Require(int? rounds, int? latentSteps, int? maxNewTokens)
    {
        Require("rounds", rounds, 1, MaxRounds);
        Require("latent_steps", latentSteps, 0, MaxLatentSteps);
        Require("max_completion_tokens", maxNewTokens, 1, MaxNewTokens);
    }

    private static void Require(string name, int? value, int least, int most)
    {
        if (value < least || value > most)
            throw new InvalidOptionException(name, $"{value} is not possible; this server takes {least} to {most}.");
    }
}
