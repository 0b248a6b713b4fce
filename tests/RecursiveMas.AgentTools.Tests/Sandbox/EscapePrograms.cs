using System.Text.RegularExpressions;

namespace RecursiveMas.AgentTools.Tests.Sandbox;

/// <summary>The programs of escapes.py.</summary>
internal static partial class EscapePrograms
{
    private const string Before = """
        import ctypes, fcntl, mmap, os, platform, re, resource, shutil, signal, socket, stat, struct, subprocess, sys, threading, time, zlib
        X64 = platform.machine() == "x86_64"
        def attempt(action):
            try:
                value = action()
            except BaseException as error:
                print("kept", type(error).__name__)
            else:
                print("ESCAPED", str(value)[:200])
        def call(number, *values):
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(v) if isinstance(v, int) else v for v in values]) < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        def fill(folder):
            for count in range(100_000):
                with open(f"{folder}/{count}", "wb") as file:
                    for _ in range(8):
                        file.write(bytes(1 << 20))

        """;

    /// <summary>How each program ends, and its code, by name.</summary>
    public static IReadOnlyDictionary<string, (string Ends, string Code)> All { get; } = Read();

    private static Dictionary<string, (string Ends, string Code)> Read()
    {
        using Stream stream = typeof(EscapePrograms).Assembly.GetManifestResourceStream("escapes.py")!;
        using var reader = new StreamReader(stream);
        string[] sections = Heading().Split(reader.ReadToEnd());
        var programs = new Dictionary<string, (string Ends, string Code)>(StringComparer.Ordinal);
        for (int i = 1; i < sections.Length; i += 3)
            programs.Add(sections[i], (sections[i + 1], Before + sections[i + 2]));
        return programs;
    }

    [GeneratedRegex(@"^# == (.+): (kept|stopped|any)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
