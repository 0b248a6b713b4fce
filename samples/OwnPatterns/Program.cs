using RecursiveMas;
using RecursiveMas.OwnPatterns;

// A folder with one model lets it play all roles over text; a folder with the repositories that the definition names thinks in latent space.
if (args.Length < 3 || args[0] is not ("loop" or "ring"))
{
    Console.Error.WriteLine("usage: dotnet run --project samples/OwnPatterns -- loop|ring FOLDER QUESTION");
    return 2;
}

try
{
    StyleDefinition pattern = args[0] == "ring" ? RingOfFive.Definition : LoopOfTwo.Definition;
    bool oneModel = File.Exists(Path.Combine(args[1], "config.json"));
    var options = new MasOptions { Rounds = 2, MaxNewTokens = 200, Channel = oneModel ? MasChannel.Text : MasChannel.Latent };
    await using MasSystem mas = await MasSystem.LoadAsync(pattern, args[1], options);
    await foreach (MasUpdate update in mas.AskStreamingAsync(string.Join(' ', args[2..])))
    {
        if (update is StageStarted stage)
            Console.Write($"{Environment.NewLine}[{stage.Agent}, round {stage.Round}] ");
        if (update is AnswerPassStarted pass)
            Console.Write(pass.Addition);
        if (update is TokenWritten token)
            Console.Write(token.Text);
    }
    return 0;
}
catch (RecursiveMasException error)
{
    // It names the thing, the file and what to do.
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
