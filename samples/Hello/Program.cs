using RecursiveMas;

// One system, one question, one answer.
await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny");
MasAnswer answer = await mas.AskAsync("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?");
Console.WriteLine(answer.Text);
Console.WriteLine($"The answer is {answer.Extracted?.Value}.");
