using System.Globalization;
using RecursiveMas.QuickStart;

namespace RecursiveMas.RunSample;

/// <summary>Shows how far the run has come and how long it still takes: a status line on a terminal, else a line every half a minute.</summary>
internal sealed class ProgressLine(Screen screen, TimeProvider clock) : IProgress<EvaluationProgress>
{
    private readonly TimeSpan _every = screen.IsLive ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(30);
    private long? _last;
    private int _place;

    // One question, alone on models that are still cold, says little of the others.
    private const int Few = 4;

    public void Report(EvaluationProgress value)
    {
        bool ends = value.Done == value.Questions;
        if (value.Done < Few && !ends)
            return;
        if (value.Place == _place && !ends && _last is { } last && clock.GetElapsedTime(last) < _every)
            return;
        (_last, _place) = (clock.GetTimestamp(), value.Place);
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Variant.Name} ({value.Place} of {value.Variants}): {value.Done} of {value.Questions}, " +
            $"{100.0 * value.StrictCorrect / value.Done:0.0} % strict, {100.0 * value.ReferenceCorrect / value.Done:0.0} % reference{Left(value.Remaining)}");
        if (screen.IsLive && !ends)
            screen.Status(text);
        else
            screen.Note($"{text}");
    }

    private static string Left(TimeSpan? left) => left switch
    {
        null => "",
        { TotalSeconds: 0 } => "",
        { TotalMinutes: < 2 } time => string.Create(CultureInfo.InvariantCulture, $", {time.TotalSeconds:0} s left"),
        { TotalHours: < 2 } time => string.Create(CultureInfo.InvariantCulture, $", {time.TotalMinutes:0} min left"),
        { } time => string.Create(CultureInfo.InvariantCulture, $", {time.TotalHours:0.0} h left"),
    };
}
