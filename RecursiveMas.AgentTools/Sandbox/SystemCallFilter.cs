using System.Runtime.InteropServices;
using System.Text;

namespace RecursiveMas.Sandbox;

/// <summary>
/// The filter of system calls in the kernel's own language (seccomp). Refused is what leads out of a sandbox, what takes memory that no limit counts, and
/// every kind of socket but local ones and those of the sandbox's own network.
/// </summary>
internal static class SystemCallFilter
{
    private const ushort Load = 0x20, JumpEqual = 0x15, JumpAtLeast = 0x35, JumpSet = 0x45, Return = 0x06;
    private const uint Allow = 0x7fff0000, Kill = 0x80000000, Errno = 0x00050000;
    private const uint NotPermitted = Errno | 1, NotThere = Errno | 38, NoSuchFamily = Errno | 97;

    // Offsets in what the kernel tells of a call.
    private const uint Number = 0, Architecture = 4, FirstArgument = 16, SecondArgument = 24;

    private const uint NewNamespaces = 0x7e020000, FirstX32Call = 0x40000000;
    private static readonly uint[] s_families = [1 /* unix */, 2 /* inet */, 10 /* inet6 */];
    private static readonly uint[] s_terminalInput = [0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */];

    // Numbers by architecture: x86-64, arm64. Of the last ones both are the same.
    private static readonly (string Name, int X64, int Arm64)[] s_refused =
    [
        ("ptrace", 101, 117), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271), ("kcmp", 312, 272), ("pidfd_getfd", 438, 438),
        ("bpf", 321, 280), ("perf_event_open", 298, 241), ("userfaultfd", 323, 282), ("fanotify_init", 300, 262), ("syslog", 103, 116),
        ("io_uring_setup", 425, 425), ("io_uring_enter", 426, 426), ("io_uring_register", 427, 427),
        ("add_key", 248, 217), ("request_key", 249, 218), ("keyctl", 250, 219),
        ("mount", 165, 40), ("umount2", 166, 39), ("pivot_root", 155, 41), ("chroot", 161, 51), ("unshare", 272, 97), ("setns", 308, 268),
        ("open_tree", 428, 428), ("move_mount", 429, 429), ("fsopen", 430, 430), ("fsconfig", 431, 431), ("fsmount", 432, 432), ("fspick", 433, 433),
        ("mount_setattr", 442, 442), ("open_tree_attr", 467, 467), ("quotactl", 179, 60), ("quotactl_fd", 443, 443),
        ("name_to_handle_at", 303, 264), ("open_by_handle_at", 304, 265),
        ("kexec_load", 246, 104), ("kexec_file_load", 320, 294), ("init_module", 175, 105), ("finit_module", 313, 273), ("delete_module", 176, 106),
        ("reboot", 169, 142), ("swapon", 167, 224), ("swapoff", 168, 225), ("acct", 163, 89), ("vhangup", 153, 58),
        ("settimeofday", 164, 170), ("clock_settime", 227, 112), ("clock_adjtime", 305, 266), ("adjtimex", 159, 171),
        ("sethostname", 170, 161), ("setdomainname", 171, 162), ("iopl", 172, -1), ("ioperm", 173, -1), ("modify_ldt", 154, -1),
        ("shmget", 29, 194), ("shmat", 30, 196), ("shmctl", 31, 195), ("msgget", 68, 186), ("semget", 64, 190), ("mq_open", 240, 180),
        ("memfd_create", 319, 279), ("memfd_secret", 447, 447), ("move_pages", 279, 239), ("migrate_pages", 256, 238),
    ];

    /// <summary>Whether the filter knows this processor.</summary>
    public static bool IsKnown => Architectures.ContainsKey(RuntimeInformation.ProcessArchitecture);

    private static Dictionary<Architecture, (uint Audit, bool IsX64, int Clone, int Clone3, int Socket, int Ioctl)> Architectures { get; } = new()
    {
        [System.Runtime.InteropServices.Architecture.X64] = (0xc000003e, true, 56, 435, 41, 16),
        [System.Runtime.InteropServices.Architecture.Arm64] = (0xc00000b7, false, 220, 435, 198, 29),
    };

    /// <summary>The program as a format of printf, byte by byte.</summary>
    public static string AsPrintf()
    {
        var text = new StringBuilder();
        foreach (byte value in Bytes())
            text.Append('\\').Append(Convert.ToString(value, 8).PadLeft(3, '0'));
        return text.ToString();
    }

    private static byte[] Bytes()
    {
        (uint audit, bool isX64, int clone, int clone3, int socket, int ioctl) = Architectures[RuntimeInformation.ProcessArchitecture];
        var program = new List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)>
        {
            (Load, 0, 0, Architecture),
            (JumpEqual, 1, 0, audit),
            (Return, 0, 0, Kill),
            (Load, 0, 0, Number),
        };
        if (isX64)
            program.AddRange([(JumpAtLeast, 0, 1, FirstX32Call), (Return, 0, 0, NotThere)]);
        foreach ((_, int x64, int arm64) in s_refused)
        {
            if ((isX64 ? x64 : arm64) is >= 0 and int number)
                program.AddRange([(JumpEqual, 0, 1, (uint)number), (Return, 0, 0, NotPermitted)]);
        }

        // Its flags lie in memory, where a filter cannot look; libraries fall back to clone.
        program.AddRange([(JumpEqual, 0, 1, (uint)clone3), (Return, 0, 0, NotThere)]);
        program.AddRange(
        [
            (JumpEqual, 0, 4, (uint)clone), (Load, 0, 0, FirstArgument), (JumpSet, 0, 1, NewNamespaces), (Return, 0, 0, NotPermitted), (Return, 0, 0, Allow),
        ]);
        program.AddRange([(JumpEqual, 0, (byte)(3 + s_families.Length), (uint)socket), (Load, 0, 0, FirstArgument)]);
        program.AddRange(s_families.Select((family, place) => (JumpEqual, (byte)(s_families.Length - place), (byte)0, family)));
        program.AddRange([(Return, 0, 0, NoSuchFamily), (Return, 0, 0, Allow)]);
        program.AddRange([(JumpEqual, 0, (byte)(3 + s_terminalInput.Length), (uint)ioctl), (Load, 0, 0, SecondArgument)]);
        program.AddRange(s_terminalInput.Select((request, place) => (JumpEqual, (byte)(s_terminalInput.Length - place), (byte)0, request)));
        program.AddRange([(Return, 0, 0, Allow), (Return, 0, 0, NotPermitted)]);
        program.Add((Return, 0, 0, Allow));
        return [.. program.SelectMany(step => Encode(step.Code, step.IfTrue, step.IfFalse, step.Value))];
    }

    private static byte[] Encode(ushort code, byte ifTrue, byte ifFalse, uint value) =>
        [.. BitConverter.GetBytes(code), ifTrue, ifFalse, .. BitConverter.GetBytes(value)];
}
