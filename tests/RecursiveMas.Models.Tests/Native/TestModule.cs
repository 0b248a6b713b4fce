using System.Runtime.CompilerServices;

namespace RecursiveMas.Models.Tests.Native;

internal static class TestModule
{
    // Tests make tensors before they touch a type of the library.
    [ModuleInitializer]
    internal static void Initialize() => RecursiveMasRuntime.Initialize();
}
