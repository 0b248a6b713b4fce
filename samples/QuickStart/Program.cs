using System.Runtime.InteropServices;
using RecursiveMas;
using RecursiveMas.QuickStart;

// libtorch takes half a second to load: arguments are read meanwhile. A failure shows where it is needed.
_ = Task.Run(() => RecursiveMasRuntime.Initialize());
StandardStreams.Guard();
using var stop = new CancellationTokenSource();
// The first Ctrl+C asks the run to stop; a second one ends the process at once.
using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
});
return await CommandLine.RunAsync(args, Screen.OfProcess(), stop.Token);
