using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RecursiveMas.Processes;
using RecursiveMas.Python;
using RecursiveMas.Shared;

namespace RecursiveMas.Sandbox;

/// <summary>
/// The way into the sandbox: a shell hands the filter of system calls over, <c>timeout</c> ends everything should the caller die, <c>setpriv</c> gives up root,
/// bubblewrap makes the namespaces and the tree of files, <c>prlimit</c> sets limits, and stage.py runs the interpreter.
/// </summary>
/// <param name="interpreter">The interpreter.</param>
/// <param name="options">Limits.</param>
internal sealed class Bubblewrap(PythonInterpreter interpreter, PythonOptions options)
{
    /// <summary>Where code runs, and the only place but /tmp and /dev/shm that it can write to.</summary>
    public const string Folder = "/sandbox";

    private const string CodeFile = Folder + "/code.py";

    /// <summary>Who runs the sandbox where the caller is root: on every distribution an account without rights.</summary>
    private const int Nobody = 65534;

    private const int InnerUser = 1000, SmallFolder = 16 << 20;

    private static readonly string s_stage = SandboxScripts.Read("stage.py");
    private static readonly string[] s_system = ["/bin", "/lib", "/lib32", "/lib64", "/sbin"];
    private static readonly string[] s_settings = ["/etc/ld.so.cache", "/etc/alternatives"];
    private static readonly string[] s_closed =
        ["/", "/etc", "/home", "/root", "/var", "/proc", "/sys", "/dev", "/run", "/tmp", "/boot", "/opt", "/mnt", "/media"];

    private static readonly string[] s_programs = ["bwrap", "prlimit", "setpriv", "timeout", "sh"];

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Environment of the code.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/bin:/bin",
        ["HOME"] = Folder,
        ["TMPDIR"] = "/tmp",
        ["LANG"] = "C.UTF-8",
    };

    /// <summary>Programs that are needed and not there.</summary>
    public static IReadOnlyList<string> Missing(PythonOptions options) => [.. s_programs.Where(name => Find(name, options) is null)];

    /// <summary>Runs code.</summary>
    /// <param name="script">What the interpreter is told.</param>
    /// <param name="code">The code.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="cancellationToken">Ends everything in the sandbox.</param>
    /// <exception cref="SandboxException">The sandbox could not be made.</exception>
    public async Task<ProcessOutcome> RunAsync(string script, string code, string input, CancellationToken cancellationToken)
    {
        RequireFolders();
        string began = RandomNumberGenerator.GetHexString(32, lowercase: true);
        string[] arguments =
        [
            "-c", "exec 3<&0; printf \"$1\" | { shift; exec 9<&0 0<&3 3<&-; exec \"$@\"; }", "sh", SystemCallFilter.AsPrintf(),
            .. Outside(), .. Namespaces(), .. Files(), .. Environ(), "--",
            .. Limits(), interpreter.Path, "-I", "-S", "-c", s_stage, began, CodeFile, Text(Encoding.UTF8.GetByteCount(code)),
            interpreter.Path, .. PythonScript.Arguments(script, CodeFile),
        ];
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            new ProcessCommand(Program("sh"), arguments, code + input) { Mark = began },
            new ProcessLimits(options.TimeLimit, options.MaxOutputBytes + began.Length + 1, options.MaxMemoryBytes),
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Error.StartsWith(began, StringComparison.Ordinal) && outcome.End == ProcessEnd.Exited)
            throw new SandboxException(Explain(outcome.Error));
        return outcome with { Error = outcome.Error.Length > began.Length ? outcome.Error[(began.Length + 1)..] : "" };
    }

    /// <summary>The path of a program of the system.</summary>
    private static string? Find(string name, PythonOptions options) =>
        options.SystemPath.Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private string Program(string name) => Find(name, options) ?? throw new SandboxException($"The program {name} is missing. Install it.");

    private IEnumerable<string> Outside()
    {
        int seconds = (int)Math.Ceiling(options.TimeLimit.TotalSeconds) + 5;
        string[] until = [Program("timeout"), "-s", "KILL", Text(seconds)];
        return IsRoot
            ? [.. until, Program("setpriv"), "--reuid", Text(Nobody), "--regid", Text(Nobody), "--clear-groups", "--no-new-privs"]
            : until;
    }

    private string[] Namespaces() =>
    [
        Program("bwrap"), "--unshare-all", "--unshare-user", "--uid", Text(InnerUser), "--gid", Text(InnerUser), "--hostname", "sandbox",
        "--new-session", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL", "--seccomp", "9",
    ];

    private List<string> Files()
    {
        List<string> tree = ["--ro-bind", "/usr", "/usr"];
        foreach (string folder in s_system)
        {
            if (new DirectoryInfo(folder).LinkTarget is { } link)
                tree.AddRange(["--symlink", link, folder]);
            else if (Directory.Exists(folder))
                tree.AddRange(["--ro-bind", folder, folder]);
        }

        tree.AddRange(s_settings.SelectMany(path => new[] { "--ro-bind-try", path, path }));
        tree.AddRange(OwnFolders().SelectMany(path => new[] { "--ro-bind", path, path }));
        return
        [
            .. tree,
            "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev",
            "--size", Text(SmallFolder), "--tmpfs", "/dev/shm",
            "--size", Text(SmallFolder), "--tmpfs", "/tmp",
            "--size", Text(options.MaxFolderBytes), "--tmpfs", Folder,
            "--chdir", Folder, "--remount-ro", "/",
        ];
    }

    private static IEnumerable<string> Environ() => Variables.SelectMany(variable => new[] { "--setenv", variable.Key, variable.Value }).Prepend("--clearenv");

    private string[] Limits() =>
    [
        Program("prlimit"), $"--as={Text(options.MaxMemoryBytes)}", $"--nproc={Text(options.MaxProcesses)}", $"--fsize={Text(options.MaxFileBytes)}",
        $"--nofile={Text(options.MaxOpenFiles)}", "--core=0", "--memlock=0", $"--cpu={Text((int)Math.Ceiling(options.TimeLimit.TotalSeconds) + 1)}", "--",
    ];

    /// <summary>Folders of the interpreter outside of /usr.</summary>
    private IEnumerable<string> OwnFolders() => interpreter.Folders.Where(folder => folder != "/usr" && !folder.StartsWith("/usr/", StringComparison.Ordinal));

    private void RequireFolders()
    {
        string home = UserPath.Home.TrimEnd('/');
        foreach (string folder in OwnFolders())
        {
            if (s_closed.Contains(folder) || $"{home}/".StartsWith($"{folder.TrimEnd('/')}/", StringComparison.Ordinal))
            {
                throw new SandboxException(
                    $"The interpreter {interpreter.Path} is installed in {folder}, which code must not read. " +
                    $"Name one in a folder of its own by {nameof(PythonOptions)}.{nameof(PythonOptions.Interpreter)}.");
            }
        }
    }

    private string Explain(string error)
    {
        string said = TextTrim.Both(error.Length > 500 ? error[..500] : error);
        string fix = said.Contains("Permission denied", StringComparison.Ordinal) && OwnFolders().Any()
            ? $"Code runs as a user without rights, who must be able to read the interpreter {interpreter.Path}: name one under /usr."
            : "Allow user namespaces without privileges (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, " +
                "kernel.apparmor_restrict_unprivileged_userns; in a container its seccomp profile), and have bubblewrap 0.7 or newer.";
        return $"Python code was not run, because the sandbox could not be made: {(said.Length > 0 ? said : "no reason was given")}. {fix}";
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
