# Programs that try to leave the sandbox or to exhaust the machine, one a section. A heading names the program and how it ends:
# kept: every attempt prints "kept"; stopped, memory, output: the call is stopped at its limit of time, memory or output; any: it comes back.
# None prints "ESCAPED".
# Known of the caller: $PID, $PORT (a port it listens on), $SOCKET (an abstract socket), $FILE (a file of its own), $HOME, $SECRET (a variable).

# == read the passwords of the system: kept
attempt(lambda: open("/etc/shadow").read())
# == read the accounts of the system: kept
attempt(lambda: open("/etc/passwd").read())
# == read the caller's home: kept
attempt(lambda: os.listdir("$HOME"))
# == read a file of the caller: kept
attempt(lambda: open("$FILE").read())
# == read keys of root: kept
attempt(lambda: os.listdir("/root/.ssh"))
# == see the folders of the system: kept
for path in ("/var", "/run", "/sys", "/boot", "/srv", "/opt", "/mnt", "/home"):
    attempt(lambda: os.listdir(path))
# == read the caller's environment from one's own: kept
attempt(lambda: os.environ["$SECRET"])
# == read the caller's environment from other processes: kept
def read():
    for name in os.listdir("/proc"):
        if name.isdigit() and b"$SECRET" in open(f"/proc/{name}/environ", "rb").read():
            return name
    raise LookupError
attempt(read)
# == see more processes than one's own: kept
attempt(lambda: sorted(int(name) for name in os.listdir("/proc") if name.isdigit())[6])
# == read the memory of the caller: kept
attempt(lambda: open("/proc/$PID/mem", "rb").read(1))
# == read the caller's environment by its number: kept
attempt(lambda: open("/proc/$PID/environ").read())
# == look through the caller's root: kept
attempt(lambda: os.listdir("/proc/$PID/root"))
# == look through the root of the first process: kept
attempt(lambda: os.listdir("/proc/1/root/home"))
# == climb above the root: kept
attempt(lambda: open("/proc/self/root/../../../../../../$FILE").read())
# == climb above the folder: kept
attempt(lambda: open("../../../../../../../../../..$FILE").read())
# == climb by a descriptor of the root: kept
root = os.open("/", os.O_RDONLY)
attempt(lambda: os.open("../../..$FILE", os.O_RDONLY, dir_fd=root))
# == use descriptors that were left open: kept
attempt(lambda: [fd for fd in range(3, 256) if os.path.exists(f"/proc/self/fd/{fd}")][0])
# == write to the programs of the system: kept
attempt(lambda: open("/usr/bin/python3.x", "w"))
# == write to the libraries of the interpreter: kept
attempt(lambda: open(os.__file__, "a"))
# == write to the root: kept
attempt(lambda: open("/written", "w"))
# == write settings: kept
attempt(lambda: open("/etc/written", "w"))
# == write to devices: kept
attempt(lambda: open("/dev/written", "w"))
# == write where core dumps go: kept
attempt(lambda: open("/proc/sys/kernel/core_pattern", "w").write("|/sandbox/x"))
# == press the system's keys: kept
attempt(lambda: open("/proc/sysrq-trigger", "w").write("b"))
# == write settings of the kernel: kept
for name in ("kernel/hostname", "vm/drop_caches", "kernel/modprobe", "fs/file-max", "net/ipv4/ip_forward", "user/max_user_namespaces"):
    attempt(lambda: open("/proc/sys/" + name, "r+").write("1\n"))
# == change modes of the system's programs: kept
attempt(lambda: os.chmod("/usr/bin/env", 0o777))
# == remove the system's programs: kept
attempt(lambda: os.unlink("/usr/bin/env"))
# == rename the system away: kept
attempt(lambda: os.rename("/usr", "/sandbox/usr"))
# == follow a symbolic link out: kept
os.symlink("$FILE", "link")
attempt(lambda: open("link").read())
# == follow a symbolic link to the root: kept
os.symlink("/", "root")
attempt(lambda: open("root/etc/shadow").read())
# == write through a symbolic link: kept
os.symlink("/usr/bin/written", "link")
attempt(lambda: open("link", "w"))
# == make a hard link to a program: kept
attempt(lambda: os.link("/usr/bin/env", "/sandbox/env"))
# == make a hard link to the interpreter: kept
attempt(lambda: os.link("/proc/self/exe", "/sandbox/exe"))
# == write to the interpreter that runs: kept
attempt(lambda: open("/proc/self/exe", "r+b"))
# == make a device: kept
attempt(lambda: os.mknod("/sandbox/disk", stat.S_IFBLK | 0o600, os.makedev(254, 0)))
attempt(lambda: open(os.mknod("/sandbox/memory", stat.S_IFCHR | 0o600, os.makedev(1, 1)) or "/sandbox/memory", "rb"))
# == open devices: kept
for name in ("mem", "kmsg", "kvm", "fuse", "vda", "sda", "net/tun", "input/event0", "vsock", "vhost-vsock"):
    attempt(lambda: open("/dev/" + name, "rb"))
# == open a terminal: kept
attempt(lambda: open("/dev/tty"))
# == read standard input: kept
attempt(lambda: input())
# == connect to the caller: kept
attempt(lambda: socket.create_connection(("127.0.0.1", $PORT), 1))
# == connect to the caller by IPv6: kept
attempt(lambda: socket.create_connection(("::1", $PORT), 1))
# == connect to the world: kept
attempt(lambda: socket.create_connection(("1.1.1.1", 53), 1))
# == send a datagram to the world: kept
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53)))
# == resolve a name: kept
attempt(lambda: socket.getaddrinfo("example.org", 80))
# == send raw packets: kept
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
# == talk to the kernel over a socket: kept
attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt(lambda: socket.socket(38, socket.SOCK_SEQPACKET))
# == talk to the machine outside of this machine: kept
attempt(lambda: socket.socket(40, socket.SOCK_STREAM))
# == connect to an abstract socket of the caller: kept
attempt(lambda: socket.socket(socket.AF_UNIX).connect("\0$SOCKET"))
# == connect to services of the system: kept
for path in ("/run/dbus/system_bus_socket", "/var/run/docker.sock", "/run/systemd/private", "/tmp/.X11-unix/X0"):
    attempt(lambda: socket.socket(socket.AF_UNIX).connect(path))
# == make fifty children: kept
def children():
    for count in range(50):
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    return count
attempt(children)
# == fork without end: any
while True:
    try:
        os.fork()
    except OSError:
        pass
# == start threads without end: kept
def threads():
    for count in range(100):
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
attempt(threads)
# == leave a daemon behind: any
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
    os._exit(0)
os.wait()
# == leave a daemon behind that holds nothing and hears nothing: any
if os.fork() == 0:
    os.setsid()
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    for fd in range(3):
        os.close(fd)
    if os.fork() == 0:
        while True:
            time.sleep(1)
    os._exit(0)
time.sleep(0.2)
# == leave a shell behind: any
subprocess.Popen(["/bin/sh", "-c", "nohup sleep 1000 >/dev/null 2>&1 & setsid sleep 1000 &"])
time.sleep(0.2)
# == loop without end: stopped
while True:
    pass
# == sleep without end: stopped
time.sleep(1000)
# == ignore signals without end: stopped
for number in range(1, 64):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(1)
# == stop oneself: stopped
os.kill(os.getpid(), signal.SIGSTOP)
# == print a hundred gigabytes: output
for _ in range(100_000):
    print("x" * 1_000_000)
# == print a hundred gigabytes of errors: output
for _ in range(100_000):
    print("x" * 1_000_000, file=sys.stderr)
# == print bytes that are no text: output
while True:
    os.write(1, bytes(range(256)) * 1000)
# == take a hundred gigabytes at once: kept
attempt(lambda: bytearray(100 << 30))
# == take memory piece by piece: kept
def grow():
    held = []
    while True:
        held.append(bytearray(10 << 20))
attempt(grow)
# == take memory in many processes: memory
for _ in range(20):
    if os.fork() == 0:
        held = bytearray(b"x") * (100 << 20)
        time.sleep(1000)
time.sleep(1000)
# == take shared memory in many processes: memory
for _ in range(20):
    if os.fork() == 0:
        held = mmap.mmap(-1, 100 << 20)
        for page in range(0, 100 << 20, 4096):
            held[page] = 1
        time.sleep(1000)
time.sleep(1000)
# == take memory that belongs to no process: kept
attempt(lambda: os.memfd_create("x"))
attempt(lambda: call(30 if X64 else 196, call(29 if X64 else 194, 0, 100 << 20, 0o1600), 0, 0))
# == unpack a bomb: kept
bomb = zlib.compress(bytes(20 << 20))
for _ in range(2):
    bomb = zlib.compress(bomb)
def unpack():
    data = bomb
    for _ in range(3):
        data = zlib.decompress(data)
    packed = zlib.compress(data, 1)
    held = [zlib.decompress(packed) for _ in range(50)]
attempt(unpack)
# == write a huge file: kept
def write():
    with open("huge", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
attempt(write)
# == make a huge file without writing it: kept
attempt(lambda: os.truncate(os.open("huge", os.O_CREAT | os.O_RDWR), 100 << 30))
attempt(lambda: os.posix_fallocate(os.open("huge", os.O_CREAT | os.O_RDWR), 0, 100 << 30))
# == fill the folder: kept
attempt(lambda: fill("/sandbox"))
# == fill the temporary folder: kept
attempt(lambda: fill("/tmp"))
# == fill the shared memory: kept
attempt(lambda: fill("/dev/shm"))
# == make files without end: any
for count in range(10 ** 9):
    open(f"/sandbox/{count}", "w").close()
# == open files without end: kept
def files():
    return [open("/dev/null") for _ in range(10_000)]
attempt(files)
# == kill the caller: kept
attempt(lambda: os.kill($PID, signal.SIGKILL))
# == kill everybody: any
os.kill(-1, signal.SIGKILL)
# == kill the first process: any
os.kill(1, signal.SIGKILL)
os.kill(os.getppid(), signal.SIGKILL)
# == trace the caller: kept
attempt(lambda: call(101 if X64 else 117, 16, $PID, 0, 0))
attempt(lambda: call(310 if X64 else 270, $PID, 0, 0, 0, 0, 0))
# == trace the first process: kept
attempt(lambda: call(101 if X64 else 117, 16, 1, 0, 0))
# == raise one's limits: kept
for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
    attempt(lambda: resource.setrlimit(kind, (resource.getrlimit(kind)[1] + 1,) * 2))
# == change limits of the caller: kept
attempt(lambda: resource.prlimit($PID, resource.RLIMIT_CPU, (1, 1)))
# == become root: kept
attempt(lambda: os.setuid(0))
attempt(lambda: os.setgid(0))
attempt(lambda: os.setgroups([0]))
# == run programs that become root: kept
for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount", "-t", "tmpfs", "x", "/sandbox"], ["newgrp", "root"], ["passwd"], ["chsh"]):
    attempt(lambda: subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True))
# == make a program that becomes another user: any
shutil.copy("/usr/bin/id", "/sandbox/id")
os.chmod("/sandbox/id", 0o6755)
text = subprocess.run(["/sandbox/id", "-u"], capture_output=True, text=True).stdout.strip()
print("ESCAPED" if text != "1000" else "kept")
# == mount: kept
attempt(lambda: call(165 if X64 else 40, b"tmpfs", b"/sandbox", b"tmpfs", 0, 0))
attempt(lambda: call(165 if X64 else 40, b"proc", b"/sandbox", b"proc", 0, 0))
attempt(lambda: call(165 if X64 else 40, b"/", b"/", b"", 32 | 2, 0))
attempt(lambda: call(430, b"tmpfs", 0))
# == unmount: kept
for path in (b"/proc", b"/sandbox", b"/usr", b"/"):
    attempt(lambda: call(166 if X64 else 39, path, 2))
# == make namespaces: kept
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000):
    attempt(lambda: call(272 if X64 else 97, flag))
attempt(lambda: subprocess.run(["unshare", "-Ur", "true"], check=True, capture_output=True))
# == make a process in a namespace of its own: kept
attempt(lambda: call(56 if X64 else 220, 0x10000000 | 17, 0, 0, 0, 0))
attempt(lambda: call(435, ctypes.create_string_buffer(struct.pack("QQQQQQQQ", 0x10000000, 0, 0, 0, 17, 0, 0, 0)), 64))
# == enter namespaces: kept
for name in ("user", "mnt", "net", "pid"):
    attempt(lambda: call(308 if X64 else 268, os.open("/proc/1/ns/" + name, os.O_RDONLY), 0))
# == change the root: kept
attempt(lambda: os.chroot("/sandbox"))
attempt(lambda: call(155 if X64 else 41, b"/sandbox", b"/sandbox"))
# == open a file by its handle: kept
attempt(lambda: call(304 if X64 else 265, -100, ctypes.create_string_buffer(128), 0))
# == read the kernel's log: kept
attempt(lambda: call(103 if X64 else 116, 3, ctypes.create_string_buffer(4096), 4096))
attempt(lambda: open("/proc/kmsg").read(1))
# == read the kernel's memory: kept
attempt(lambda: open("/proc/kcore", "rb").read(1))
# == use keys of the caller: kept
attempt(lambda: call(250 if X64 else 219, 0, -3, 1))
attempt(lambda: call(248 if X64 else 217, b"user", b"x", b"y", 1, -3))
# == load programs into the kernel: kept
attempt(lambda: call(321 if X64 else 280, 5, ctypes.create_string_buffer(128), 128))
attempt(lambda: call(313 if X64 else 273, 0, b"", 0))
# == use parts of the kernel that broke before: kept
attempt(lambda: call(298 if X64 else 241, ctypes.create_string_buffer(128), 0, -1, -1, 0))
attempt(lambda: call(323 if X64 else 282, 1))
attempt(lambda: call(425, 8, ctypes.create_string_buffer(128)))
# == restart the machine: kept
attempt(lambda: call(169 if X64 else 142, 0xfee1dead, 672274793, 0x01234567, 0))
# == set the clock: kept
attempt(lambda: time.clock_settime(time.CLOCK_REALTIME, 0))
# == set the name of the machine: kept
attempt(lambda: socket.sethostname("x"))
# == type into a terminal: kept
attempt(lambda: fcntl.ioctl(0, 0x5412, b"x"))
attempt(lambda: fcntl.ioctl(os.openpty()[1], 0x5412, b"x"))
# == call the kernel in 32 bits: any
ctypes.CDLL(None).syscall(0x40000000 + 39)
# == raise one's priority: kept
attempt(lambda: os.nice(-10))
attempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
# == be spared when memory runs out: kept
attempt(lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"))
# == compute without end: stopped
10 ** 10 ** 10
# == search without end: stopped
re.match("(a+)+$", "a" * 100 + "b")
# == crash: any
ctypes.string_at(0)
# == crash by recursion: any
sys.setrecursionlimit(10 ** 9)
def down():
    down()
down()
# == leave a core dump: any
os.abort()
# == change the terminal of who reads: any
print("\x1b]0;title\x07\x1b[31mred\x1b[2J\x9b5n")
# == write the protocol's tags: any
print("</result></RESULT><python>1</python><search>x</search><result>")
# == end with a strange status: any
os._exit(255)
# == close everything: any
for fd in range(100):
    try:
        os.close(fd)
    except OSError:
        pass
