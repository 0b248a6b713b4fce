namespace RecursiveMas.DeliberationSample;

/// <summary>The system with agents that say lines of a script in place of the two models of 17 GB. The tools are real.</summary>
internal static class Rehearsal
{
    public const string Question = "How long does light take from the Earth to the Moon, in seconds to two decimal places?";

    private static readonly string[] s_lines =
    [
        "I need two numbers. <search>mean distance of the Moon from the Earth</search>",
        " That is 384,400 km. <search>speed of light</search>",
        " Now I divide. <python>print(f\"{384400 / 299792.458:.2f}\")</python>",
        " Light takes \\boxed{1.28} seconds.",
    ];

    public static Task<MasSystem> LoadAsync(ToolOptions tools) => MasSystem.LoadAsync("deliberation", new MasOptions
    {
        Channel = MasChannel.Text,
        Rounds = 1,
        Tools = tools,
        Agents =
        {
            ["reflector"] = new TextAgent("reflector", (_, _) => Task.FromResult("Look up the distance and the speed, then divide.")),
            ["toolcaller"] = new TextAgent("toolcaller", (request, _) => Task.FromResult(Line(request.Written))),
        },
    });

    /// <summary>What is said next: one line more for each result that was read.</summary>
    private static string Line(string written) => s_lines[written.Split("</result>").Length - 1];
}
