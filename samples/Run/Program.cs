using System.Runtime.InteropServices;
using RecursiveMas.QuickStart;
using RecursiveMas.RunSample;

StandardStreams.Guard();
using var stop = new CancellationTokenSource();
// The first Ctrl+C lets what is under way be written; a second one ends the process at once.
using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
});
return await CommandLine.RunAsync(args, Screen.OfProcess(), stop.Token);
