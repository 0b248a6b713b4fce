using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RecursiveMas.Native;

namespace RecursiveMas;

/// <summary>Prepares the process for libtorch.</summary>
/// <remarks>All members are safe for concurrent calls.</remarks>
public static class RecursiveMasRuntime
{
    private static readonly Lock s_gate = new();
    private static bool s_done;
    private static NativeLibraryException? s_failure;

    /// <summary>
    /// Loads the native libraries. Runs by itself when a type of RecursiveMas is first used; an application that touches TorchSharp
    /// before that calls it first. Calling it again does nothing.
    /// </summary>
    /// <exception cref="NativeLibraryException">libtorch is missing or cannot be loaded; the message names the package to add.</exception>
    public static void Initialize()
    {
        lock (s_gate)
        {
            if (!s_done)
            {
                s_done = true;
                try
                {
                    new TorchNativeLoader(new ProcessEnvironment()).Load();
                }
                catch (NativeLibraryException failure)
                {
                    s_failure = failure;
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    s_failure = new NativeLibraryException($"The native libraries beside the application cannot be read: {failure.Message}", failure);
                }
            }

            if (s_failure is not null)
                throw s_failure;
        }
    }

    [ModuleInitializer]
    [SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "TorchSharp looks for its native part in a static constructor; only a module initialiser is certain to run before it.")]
    internal static void InitializeWithModule()
    {
        try
        {
            Initialize();
        }
        catch (NativeLibraryException)
        {
            // Kept for the first explicit call: an exception here would hide behind a TypeInitializationException.
        }
    }
}
