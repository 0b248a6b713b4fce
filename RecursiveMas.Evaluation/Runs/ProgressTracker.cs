using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RecursiveMas.Runs;

/// <summary>Counts what is done and estimates what is left.</summary>
internal sealed class ProgressTracker(IProgress<EvaluationProgress>? progress, int questions, IReadOnlyList<EvaluationVariant> variants)
{
    private readonly Lock _gate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _variantBegan;
    private int _place, _done, _before, _strict, _reference;

    /// <summary>Questions that this session has asked.</summary>
    public int Asked { get; private set; }

    /// <summary>A variant begins, of which some questions are done already.</summary>
    public void Begin(IEnumerable<QuestionResult> done)
    {
        lock (_gate)
        {
            (_done, _strict, _reference) = (0, 0, 0);
            foreach (QuestionResult result in done)
            {
                _done++;
                _strict += result.IsCorrect(strict: true) ? 1 : 0;
                _reference += result.IsCorrect(strict: false) ? 1 : 0;
            }

            (_before, _variantBegan) = (_done, Stopwatch.GetTimestamp());
            _place++;
            if (_done > 0)
                Report();
        }
    }

    public void Count(JsonObject row)
    {
        lock (_gate)
        {
            Asked++;
            _done++;
            IEnumerable<JsonNode?> answers = row["rollouts"] as IEnumerable<JsonNode?> ?? [row];
            _strict += answers.Any(answer => (bool?)answer!["strict"]?["correct"] == true) ? 1 : 0;
            _reference += answers.Any(answer => (bool)answer!["correct"]!) ? 1 : 0;
            Report();
        }
    }

    private void Report()
    {
        if (progress is null)
            return;
        TimeSpan? each = _done > _before ? Stopwatch.GetElapsedTime(_variantBegan) / (_done - _before)
            : Asked > 0 ? Stopwatch.GetElapsedTime(_began) / Asked
            : null;
        progress.Report(new EvaluationProgress
        {
            Variant = variants[_place - 1],
            Place = _place,
            Variants = variants.Count,
            Done = _done,
            Questions = questions,
            StrictCorrect = _strict,
            ReferenceCorrect = _reference,
            Elapsed = Stopwatch.GetElapsedTime(_began),
            Remaining = each * ((questions - _done) + ((long)questions * (variants.Count - _place))),
        });
    }
}
