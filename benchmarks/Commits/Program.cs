// Questions a second of one commit: compare.py builds this against two commits and runs both in turn.
// Arguments: tiny | FOLDER_OF_A_REAL_MODEL, questions at once, questions in all. Prints one number.
using System.Diagnostics;
using System.Globalization;
using RecursiveMas;

bool tiny = args[0] == "tiny";
(int together, int count) = (int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
const string Ledger = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";
const string Fact = "What is the capital of France, and what is it known for? Tell me about its history, its rivers and its people.";
// A real model in all roles talks in text: there are no links for it.
MasOptions options = tiny
    ? new MasOptions()
    : new MasOptions
    {
        Channel = MasChannel.Text,
        Rounds = 1,
        MaxNewTokens = 32,
        Dtype = ModelDtype.Float32,
        Sampling = new SamplingOptions { DoSample = false, MinNewTokens = 32 },
        AnswerPass = false,
    };
await using MasSystem mas = await MasSystem.LoadAsync(tiny ? "sequential_tiny" : args[0], options);
MasQuestion[] questions = [.. Enumerable.Range(0, count).Select(_ => new MasQuestion(tiny ? Ledger : Fact))];
await AskAsync(questions[..together]);
long started = Stopwatch.GetTimestamp();
await AskAsync(questions);
Console.WriteLine((count / Stopwatch.GetElapsedTime(started).TotalSeconds).ToString("0.000", CultureInfo.InvariantCulture));

async Task AskAsync(MasQuestion[] asked)
{
    if (together == 1)
    {
        foreach (MasQuestion question in asked)
            await mas.AskAsync(question);
        return;
    }

#if BATCHES
    await mas.AskManyAsync(asked, new AskOptions { BatchSize = together });
#else
    await foreach (MasResult result in mas.AskManyAsync(asked, new AskOptions { MaxConcurrency = together }))
    {
        if (result.Error is { } error)
            throw error;
    }
#endif
}
