import errno
import json
import os
import resource
import signal
import socket

facts = json.loads(r'''$FACTS''')
found = {"sympy": getattr(sp, "__version__", None)}


def refused(action):
    try:
        action()
    except (OSError, MemoryError, ValueError):
        return True
    return False


def status(name):
    with open("/proc/self/status") as lines:
        return next((line.split()[1] for line in lines if line.startswith(name + ":")), "")


def files():
    seen = [path for path in (facts["host_file"], "/etc/shadow", "/etc/passwd", "/var", "/run", "/sys", "/boot") if os.path.exists(path)]
    written = [path for path in ("/", "/usr", "/etc", "/dev", "/proc/sys/kernel") if not refused(lambda: open(path + "/probe", "w"))]
    return not seen and not written, f"sees {seen or 'nothing of the host'}, writes {written or 'nothing outside'}"


def network():
    with open("/proc/net/dev") as lines:
        devices = [line.split(":")[0].strip() for line in lines if ":" in line]
    reached = not refused(lambda: socket.create_connection(("127.0.0.1", facts["port"]), 2))
    other = not refused(lambda: socket.socket(40, socket.SOCK_STREAM))
    return devices == ["lo"] and not reached and not other, f"devices {devices}, host reached: {reached}, other families: {other}"


def processes():
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    return len(seen) <= 4 and os.getpid() < 100, f"{len(seen)} processes are seen"


def user():
    # Where the user were root outside, root's files would be its own inside.
    root = os.stat("/usr").st_uid == os.getuid()
    rights = status("CapEff"), status("CapBnd")
    ok = os.getuid() != 0 and not root and all(int(right, 16) == 0 for right in rights) and status("NoNewPrivs") == "1"
    return ok and refused(lambda: os.setuid(0)), f"user {os.getuid()}, outside {'root' if root else 'not root'}, capabilities {rights[0]}"


def system_calls():
    kept = not hasattr(os, "memfd_create") or refused(lambda: os.memfd_create("probe"))
    return status("Seccomp") == "2" and kept, f"seccomp mode {status('Seccomp')}"


def environment():
    more = sorted(set(os.environ) - set(facts["variables"]) - {"PWD", "LC_CTYPE", "OLDPWD", "SHLVL", "_"})
    return not more, f"foreign variables: {more or 'none'}"


def process_count():
    reader, writer = os.pipe()
    children = []
    try:
        while len(children) <= facts["processes"]:
            child = os.fork()
            if child == 0:
                os.close(writer)
                os.read(reader, 1)
                os._exit(0)
            children.append(child)
    except OSError as error:
        full = error.errno == errno.EAGAIN
    else:
        full = False
    os.close(writer)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return full and 0 < len(children) < facts["processes"], f"{len(children)} children could be made"


def memory():
    limit = resource.getrlimit(resource.RLIMIT_AS)
    return limit == (facts["memory"],) * 2 and refused(lambda: bytearray(facts["memory"])), f"{limit[1] >> 20} MiB a process, and all together"


def file_sizes():
    limits = [resource.getrlimit(kind)[1] for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)]
    with open("large", "wb") as large:
        kept = refused(lambda: large.truncate(facts["file"] + 1))
    return limits == [facts["file"], facts["open"], 0] and kept, f"{limits[0] >> 10} KiB a file, {limits[1]} open files"


for name, check in {
    "Files": files, "Network": network, "Processes": processes, "User": user, "SystemCalls": system_calls, "Environment": environment,
    "ProcessCount": process_count, "Memory": memory, "FileSizes": file_sizes,
}.items():
    try:
        found[name] = check()
    except Exception as error:
        found[name] = False, f"{type(error).__name__}: {error}"
print(json.dumps(found))
