using System.Globalization;

namespace RecursiveMas.Testing;

/// <summary>Every error that a comparison found, for who wants the figures: a line each in the file that RECURSIVEMAS_ERRORS names.</summary>
internal static class ErrorLog
{
    private const string Variable = "RECURSIVEMAS_ERRORS";

    private static readonly Lock s_gate = new();
    private static readonly string? s_file = Environment.GetEnvironmentVariable(Variable);

    /// <param name="error">The error.</param>
    /// <param name="allowed">What was allowed.</param>
    /// <param name="file">Source of the test.</param>
    /// <param name="member">Its method.</param>
    public static void Add(double error, double allowed, string file, string member)
    {
        if (string.IsNullOrEmpty(s_file))
            return;
        string line = string.Create(CultureInfo.InvariantCulture, $"{error:0.00e0}\t{allowed:0.00e0}\t{Path.GetFileNameWithoutExtension(file)}.{member}\n");
        lock (s_gate)
            File.AppendAllText(s_file, line);
    }
}
