using RecursiveMas;
using RecursiveMas.ChatClientSample;

// A system behind the interface of any chat client. The first argument is a system, the rest a question.
string question = args.Length > 1
    ? string.Join(' ', args[1..])
    : "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";
await using MasSystem mas = await MasSystem.LoadAsync(args.Length > 0 ? args[0] : "sequential_tiny");
await ChatScreen.ShowAsync(mas.AsIChatClient(), question, Console.Out);
