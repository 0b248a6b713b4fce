using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A system of a host was wanted at once, but is not loaded.</summary>
public class SystemNotReadyException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="system">The system.</param>
    /// <param name="state">How far it is.</param>
    /// <param name="progress">How far loading has come; null if that is not known.</param>
    /// <param name="error">Why loading failed; null if it did not.</param>
    public SystemNotReadyException(string system, MasSystemState state, MasLoadProgress? progress = null, Exception? error = null)
        : base(
            error is not null
                ? $"The system '{system}' could not be loaded: {error.Message}"
                : $"The system '{system}' is still being loaded{Parts(progress)}. " +
                  $"Await {nameof(MasSystemSource)}.{nameof(MasSystemSource.GetAsync)} in place of resolving {nameof(MasSystem)}, as hosted services must, " +
                  "which are made before a host starts; elsewhere let the host start only when it is ready: WarmUp(options => options.BeforeStart = true).",
            error) =>
        State = Given.Defined(state, nameof(state));

    /// <summary>How far the system is.</summary>
    public MasSystemState State { get; }

    private static string Parts(MasLoadProgress? progress) =>
        progress is null ? "" : string.Create(CultureInfo.InvariantCulture, $" ({progress.Done} of {progress.Total} parts)");
}
