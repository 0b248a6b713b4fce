namespace RecursiveMas.Judging;

/// <summary>Programs for the inside of the sandbox.</summary>
internal static class JudgePrograms
{
    /// <summary>Modules whose names are all at hand in programs and tests, in this order.</summary>
    private static readonly string[] s_all =
    [
        "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics", "itertools", "functools", "operator", "io", "sys",
        "json", "builtins", "typing",
    ];

    private static readonly string[] s_starred = ["builtins", "typing"];

    public static string Judge { get; } = Read("judge.py");

    public static string Wire { get; } = Read("wire.py");

    public static string Candidate { get; } = Read("candidate.py");

    /// <summary>What the reference puts before every program that is called.</summary>
    public static string Prelude { get; } = string.Join(
        '\n',
        [
            .. s_all.Select(name => $"from {name} import *"),
            .. s_all.Except(s_starred).Select(name => $"import {name}"),
            "sys.setrecursionlimit(50000)",
        ]);

    private static string Read(string name)
    {
        using Stream stream = typeof(JudgePrograms).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
