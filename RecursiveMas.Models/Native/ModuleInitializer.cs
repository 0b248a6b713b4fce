using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Native;

internal static class ModuleInitializer
{
    [ModuleInitializer]
    [SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "A type of this module may touch TorchSharp before any type of the core, whose own initialiser would then come too late.")]
    internal static void Initialize() => RuntimeHelpers.RunModuleConstructor(typeof(RecursiveMasRuntime).Module.ModuleHandle);
}
