namespace RecursiveMas.Search;

/// <summary>A passage of a file and its words.</summary>
/// <param name="Title">Title of the file.</param>
/// <param name="Path">Path of the file within its folder.</param>
/// <param name="Text">The passage.</param>
/// <param name="Words">How often each word stands in it.</param>
/// <param name="Length">Number of its words.</param>
internal sealed record Passage(string Title, string Path, string Text, IReadOnlyDictionary<string, int> Words, int Length);

/// <summary>Passages of text files, found by their words (Okapi BM25).</summary>
internal sealed class Passages
{
    private const double Saturation = 1.2, LengthWeight = 0.75;
    private const int WordsOfPassage = 80;

    private readonly List<Passage> _all = [];
    private readonly Dictionary<string, int> _passagesWith = new(StringComparer.Ordinal);
    private long _words;

    /// <summary>Adds the passages of a text: paragraphs, short ones joined.</summary>
    public void Add(string path, string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        string title = lines.Select(line => line.Trim('#', ' ', '\t')).FirstOrDefault(line => line.Length > 0) ?? path;
        var passage = new List<string>();
        int length = 0;
        foreach (string line in lines)
        {
            passage.Add(line);
            length += WordsOf(line).Count();
            if (length >= WordsOfPassage || (length >= WordsOfPassage / 2 && string.IsNullOrWhiteSpace(line)))
                Close();
        }

        Close();

        void Close()
        {
            if (length > 0)
                Add(title, path, string.Join('\n', passage));
            passage.Clear();
            length = 0;
        }
    }

    /// <summary>The best passages for a query, at most one a file.</summary>
    public IEnumerable<Passage> Find(string query)
    {
        string[] words = [.. WordsOf(query).Distinct()];
        return _all
            .Select(passage => (Passage: passage, Score: Score(passage, words)))
            .Where(found => found.Score > 0)
            .OrderByDescending(found => found.Score)
            .ThenBy(found => found.Passage.Path, StringComparer.Ordinal)
            .Select(found => found.Passage)
            .DistinctBy(passage => passage.Path);
    }

    private void Add(string title, string path, string text)
    {
        var words = WordsOf(text).CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var passage = new Passage(title, path, text, words, words.Values.Sum());
        foreach (string word in words.Keys)
            _passagesWith[word] = _passagesWith.GetValueOrDefault(word) + 1;
        _words += passage.Length;
        _all.Add(passage);
    }

    private double Score(Passage passage, string[] words)
    {
        double score = 0, mean = (double)_words / _all.Count;
        foreach (string word in words)
        {
            if (!passage.Words.TryGetValue(word, out int count))
                continue;
            int with = _passagesWith[word];
            double rare = Math.Log(1 + ((_all.Count - with + 0.5) / (with + 0.5)));
            score += rare * count * (Saturation + 1) / (count + (Saturation * (1 - LengthWeight + (LengthWeight * passage.Length / mean))));
        }

        return score;
    }

    private static IEnumerable<string> WordsOf(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inside && start < 0)
                start = i;
            if (inside || start < 0)
                continue;
            yield return text[start..i].ToLowerInvariant();
            start = -1;
        }
    }
}
