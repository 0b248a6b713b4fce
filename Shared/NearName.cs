namespace RecursiveMas.Shared;

/// <summary>Finds what was probably meant by an unknown name.</summary>
internal static class NearName
{
    /// <summary>A question for a message, with a space in front; empty if nothing is near.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What exists.</param>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        string[] near = [.. Find(name, known)];
        return near.Length == 0 ? "" : $" Did you mean {string.Join(" or ", near.Select(candidate => $"'{candidate}'"))}?";
    }

    /// <summary>The names that differ by spelling alone, else those with the fewest wrong letters, else those that begin so.</summary>
    private static IEnumerable<string> Find(string name, IEnumerable<string> known)
    {
        string plain = Plain(name);
        (string Name, int Distance)[] all = [.. known.Select(candidate => (candidate, Distance(plain, Plain(candidate))))];
        int nearest = all.Length == 0 ? int.MaxValue : all.Min(candidate => candidate.Distance);
        return nearest <= Math.Max(1, plain.Length / 4)
            ? all.Where(candidate => candidate.Distance == nearest).Select(candidate => candidate.Name)
            : plain.Length == 0 ? [] : all.Select(candidate => candidate.Name).Where(candidate => Plain(candidate).StartsWith(plain, StringComparison.Ordinal));
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Fewest letters to insert, remove, replace or swap with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1], last = [.. Enumerable.Range(0, b.Length + 1)], row = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[b.Length];
    }
}
