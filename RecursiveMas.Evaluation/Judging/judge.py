# Judges programs. Reads a job from its standard input and writes one line of JSON for each step to its standard output, behind a signature that nobody
# else can make: the word that it takes never leaves. A program runs in a process of its own, which knows neither that word nor the tests, and which cannot
# look into this one.
import ast
import builtins
import ctypes
import hmac
import importlib.util
import json
import os
import secrets
import select
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from decimal import Decimal

# It ends all other processes that it sees, again and again: those must be the sandbox's own.
if os.getppid() != 1:
    sys.exit("This is no sandbox.")
# No process of the same user may read the memory or open the files of this one and of those that it forks.
if ctypes.CDLL(None, use_errno=True).prctl(4, 0, 0, 0, 0) != 0:
    sys.exit("This process cannot be closed to others.")
# An interrupt would otherwise be an exception, at any place of the tests.
signal.signal(signal.SIGINT, signal.SIG_DFL)
job = json.loads(sys.stdin.buffer.read())
word = job["word"].encode()
exec(job["wire"])
WRITABLE = "/sandbox", "/tmp", "/dev/shm"
PYTHON = [sys.executable, "-I", "-X", "utf8"]
SHOWN = {"detail": 1000, "errors": 800, "value": 400}


def write(*parts):
    line = json.dumps(parts).encode()
    # What others have written before on the same channel may be no whole line.
    os.write(1, b"\n" + hmac.digest(word, line, "sha256").hex().encode() + b" " + line + b"\n")


def cut(text, most):
    return text if len(text) <= most else text[:most] + "\n..."


def verdict(outcome, passed=0, index=None, type=None, detail=""):
    # Halves of surrogate pairs are no text to others.
    shown = cut(detail, SHOWN["detail"] + 500).encode("utf-8", "backslashreplace").decode()
    return {"outcome": outcome, "passed": passed, "index": index, "type": type, "detail": shown}


write()


# Processes

class Program:
    """A process of the program whose outputs are read, and kept up to a limit."""

    def __init__(self, command, keep, **options):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.keep, self.texts, self.full = keep, {1: bytearray(), 2: bytearray()}, False

    def pump(self, until, text=b""):
        """Until all of its outputs have ended; false if that takes too long."""
        process, sent = self.process, memoryview(text)
        with selectors.DefaultSelector() as open:
            open.register(process.stdout, selectors.EVENT_READ, 1)
            open.register(process.stderr, selectors.EVENT_READ, 2)
            if process.stdin:
                os.set_blocking(process.stdin.fileno(), False)
                open.register(process.stdin, selectors.EVENT_WRITE, 0)
            while open.get_map():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                for key, _ in open.select(left):
                    if key.data == 0:
                        try:
                            sent = sent[os.write(key.fd, sent[:65536]):]
                        except BlockingIOError:
                            continue
                        except OSError:
                            sent = sent[:0]
                        if not sent:
                            open.unregister(key.fileobj)
                            key.fileobj.close()
                    elif piece := os.read(key.fd, 65536):
                        self.store(key.data, piece)
                    else:
                        open.unregister(key.fileobj)
            try:
                process.wait(max(0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                return False
        return True

    def store(self, channel, piece):
        room = self.keep - len(self.texts[channel])
        self.texts[channel] += piece[:room]
        self.full = self.full or (channel == 1 and len(piece) > room)

    def drain(self):
        """Reads the outputs beside."""
        def read(channel, stream):
            while piece := os.read(stream.fileno(), 65536):
                self.store(channel, piece)
        self.readers = [threading.Thread(target=read, args=pair, daemon=True) for pair in ((1, self.process.stdout), (2, self.process.stderr))]
        for reader in self.readers:
            reader.start()

    def settle(self):
        """Waits a moment for the end of a process that hangs up, and for its last words."""
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            return None
        for reader in self.readers:
            reader.join(1)
        return self.process.returncode

    def text(self, channel):
        return self.texts[channel].decode("utf-8", "replace")


def clear():
    """Ends every process in here but this one and the first."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def swept(action):
    """Does something in an empty folder; afterwards nothing is left of it anywhere."""
    folder = f"/sandbox/{secrets.token_hex(16)}"
    os.mkdir(folder)
    try:
        return action(folder)
    finally:
        clear()
        for place in WRITABLE:
            for entry in os.listdir(place):
                path = f"{place}/{entry}"
                try:
                    os.unlink(path)
                except OSError:
                    shutil.rmtree(path, ignore_errors=True)


def apart(action, seconds):
    """What an action finds out, in a process of its own that may crash, hang or be killed; as closed to others as this one."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.set_inheritable(writer, False)
        try:
            data = json.dumps(action()).encode()
        except BaseException as error:
            data = json.dumps(verdict("Error", type="RE", detail=repr(error))).encode()
        while data:
            data = data[os.write(writer, data):]
        os._exit(0)
    os.close(writer)
    pieces, until = [], time.monotonic() + seconds
    try:
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([reader], [], [], left)[0]:
                return None
            piece = os.read(reader, 1 << 16)
            if not piece:
                break
            pieces.append(piece)
    finally:
        os.close(reader)
        clear()
    try:
        return json.loads(b"".join(pieces))
    except ValueError:
        return verdict("Error", type="RE", detail="The process of the tests has ended early.")


class Host(Program):
    """The process of a program that is called."""

    def __init__(self, code, until, main, solution, folder):
        mine, theirs = os.pipe(), os.pipe()
        super().__init__(
            [*PYTHON, "-c", job["wire"] + "\n" + job["candidate"], str(mine[0]), str(theirs[1])],
            1 << 16, stdin=subprocess.DEVNULL, pass_fds=(mine[0], theirs[1]), cwd=folder)
        os.close(mine[0])
        os.close(theirs[1])
        self.drain()
        self.wire = Wire(theirs[0], mine[1])
        self.wire.allows = lambda name: name not in ("__getattr__", "__setattr__", "__delattr__", "__setitem__", "__delitem__")
        self.wire.until, self.wire.data_of, self.wire.distrusts, self.seen = until, self.plain, job["distrust"], {}
        self.task = {"code": code, "prelude": job["prelude"], "main": main, "solution": solution}

    def begin(self):
        """Runs the program. What went wrong; null if it waits to be called."""
        self.wire.send(self.task)
        answer = self.wire.receive()
        if type(answer) is not dict or not ("ready" in answer or "failed" in answer):
            raise Gone()
        return None if "ready" in answer else (str(answer["failed"]), str(answer.get("repr")))

    def end(self):
        """Lets the program end by itself; its exit status."""
        for pipe in {self.wire.reader, self.wire.writer}:
            os.close(pipe)
        return self.settle()

    def has(self, name):
        return self.wire.ask(0, "__call__", [name], {}) is True

    def get(self, name):
        return self.wire.ask(1, "__call__", [name], {})

    def plain(self, value):
        """An object of the program as data; itself if it is none. What cannot change is the same every time."""
        if type(value) is not Remote:
            return value
        id = value._parts[1]
        if id not in self.seen:
            data = self.wire.ask(2, "__call__", [value], {})
            if type(data) not in FIXED:
                return data
            self.seen[id] = data
        return self.seen[id]


def ended(host, what="The program has ended before its tests."):
    code = host.settle() if host else None
    return f"{what} Exit status: {code}. {cut(host.text(2), SHOWN['errors']) if host else ''}".strip()


# Scripts of assertions

def names_of(tree):
    """Names that a script uses and does not define itself."""
    used, own = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else own).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.alias):
            own.add((node.asname or node.name).split(".")[0])
    return used - own, own


def missing(script):
    """Packages that a script imports and this interpreter lacks."""
    try:
        tree = ast.parse(script)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return sorted(name for name in names if name not in sys.modules and importlib.util.find_spec(name) is None)


def strict_script(code, folder):
    until = time.monotonic() + job["seconds"]
    try:
        script = compile(job["script"], "tests.py", "exec")
        used, own = names_of(ast.parse(job["script"]))
    except (SyntaxError, ValueError) as error:
        return verdict("NoTests", type="NO_TESTS", detail=repr(error))
    space = {"__name__": "__main__"}
    exec(job["prelude"], space)
    # What the tests may take for granted, the program does not replace, unless it is what was asked for.
    known = set(dir(builtins)) | (set(space) if job["function"] else set())
    wanted = sorted(name for name in used if name not in known or name == job["function"])
    host = None
    try:
        host = Host(code, until, True, False, folder)
        if failed := host.begin():
            return verdict("Error", index=0, type="RE", detail=failed[0])
        found = [name for name in wanted if host.has(name)]
        for name in found:
            space[name] = host.get(name)
        # Where nothing but results of one function is looked at, no class of the program has a part in the tests.
        host.wire.one_function = found == [job["function"]]
        exec(script, space)
        # The tests may have caught it.
        if host.wire.lost:
            raise host.wire.lost
        return verdict("Passed", passed=job["count"])
    except Late:
        return verdict("TimedOut", index=0, type="TLE", detail=f"more than {job['seconds']} s")
    except Gone:
        return verdict("Error", index=0, type="RE", detail=ended(host))
    except AssertionError as error:
        outcome = "Error" if hasattr(error, "remote") else "Failed"
        return verdict(outcome, index=0, type="RE", detail=said(error))
    except BaseException as error:
        return verdict("Error", index=0, type="RE", detail=said(error))


def said(error):
    """An exception, with the line of the tests at which it came."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "tests.py"]
    source = job["script"].splitlines()
    place = f"line {lines[0]} of the tests: {cut(source[lines[0] - 1].strip(), 300)}\n" if lines and lines[0] <= len(source) else ""
    return place + cut(f"{getattr(error, 'remote', type(error).__name__)}: {error}", SHOWN["errors"])


def reference_script(code, folder):
    with open(f"{folder}/script.py", "w", encoding="utf-8", errors="replace") as file:
        file.write(f"{job['prelude']}\n\n{code}\n\n{job['script'].strip()}\n")
    program = Program([*PYTHON, "script.py"], 1 << 16, stdin=subprocess.DEVNULL, cwd=folder)
    if not program.pump(time.monotonic() + job["seconds"]):
        return verdict("TimedOut", index=0, type="TLE", detail=f"more than {job['seconds']} s")
    if program.process.returncode != 0:
        return verdict("Error", index=0, type="RE", detail=cut(program.text(2) or program.text(1), SHOWN["detail"]))
    return verdict("Passed", passed=job["count"], detail="OK")


# Programs that read their standard input

def decimals(line):
    try:
        return [Decimal(item) for item in line.split()]
    except Exception:
        return None


def lines_of(text):
    text = text.strip()
    return [line.strip() for line in text.split("\n")] if text else []


def same_output(written, expected):
    left, right = lines_of(written), lines_of(expected)
    if len(left) != len(right):
        return False
    for one, other in zip(left, right):
        if one != other:
            first, second = decimals(one), decimals(other)
            try:
                if first is None or second is None or first != second:
                    return False
            except ArithmeticError:
                return False
    return True


def reads_input(code):
    for index, (given, expected) in enumerate(job["cases"]):
        program, in_time = swept(lambda folder: once(code, given, max(1 << 20, 4 * len(expected) + 4096), folder))
        if not in_time:
            return verdict("TimedOut", index, index, "TLE", f"more than {job['seconds']} s")
        if program.process.returncode != 0:
            return verdict("Error", index, index, "RE", cut(program.text(2), SHOWN["errors"]))
        # Line ends as text is read.
        written = program.text(1).replace("\r\n", "\n").replace("\r", "\n")
        if program.full or not same_output(written, expected):
            return verdict("Failed", index, index, "WA", wrong({"input": given, "expected": expected, "prediction": written}))
    return verdict("Passed", len(job["cases"]), detail="OK")


def once(code, given, keep, folder):
    with open(f"{folder}/program.py", "w", encoding="utf-8", errors="replace") as file:
        file.write(code)
    program = Program([*PYTHON, "program.py"], keep, stdin=subprocess.PIPE, cwd=folder)
    return program, program.pump(time.monotonic() + job["seconds"], given.encode("utf-8", "replace"))


def wrong(parts):
    return json.dumps({name: cut(str(part), SHOWN["value"]) for name, part in parts.items()}, ensure_ascii=False)


# Functions

def calls(code, rules, folder):
    """The verdicts by each of the rules, from one process."""
    found, host, name, index, passed = {}, None, job["function"], 0, 0

    def decide(outcome, type, detail, only=None):
        for rule in rules:
            if rule not in found and (only is None or rule == only):
                found[rule] = verdict(outcome, index, index, type, detail)

    try:
        host = Host(code, time.monotonic() + job["seconds"], False, "class Solution" in code, folder)
        if failed := host.begin():
            decide("Error", "CE/RE", failed[1])
        elif not host.has(name):
            decide("Error", "NO_FUNC", f"{name} is not there.")
        for index, (given, expected) in enumerate(job["cases"]):
            if len(found) == len(rules):
                break
            try:
                args = [json.loads(line) for line in given.split("\n") if line.strip()]
                expected = json.loads(expected)
            except (ValueError, RecursionError) as error:
                decide("NoTests", "BAD_TEST_FORMAT", repr(error))
                break
            host.wire.until = time.monotonic() + job["seconds"]
            method = host.get(name)
            try:
                value = method(*args)
            except Exception as error:
                decide("Error", "RE", cut(f"{getattr(error, 'remote', type(error).__name__)}: {error}", SHOWN["errors"]))
                break
            for rule in rules:
                if rule not in found and not equal(host, value, expected, rule):
                    decide("Failed", "WA", wrong({"input_args": args, "expected": expected, "prediction": host.plain(value)}), rule)
        else:
            index = len(job["cases"])
        for rule in rules:
            found.setdefault(rule, verdict("Passed", index, detail="OK"))
    except Late:
        decide("TimedOut", "TLE", f"more than {job['seconds']} s")
    except Gone:
        status, detail = (host.settle() if host else None), ended(host)
        decide("Error", "RE", detail, "strict")
        if "reference" in rules:
            found["reference"] = hung_up(host, status)
    else:
        host.end()
    if "reference" in found and found["reference"]["type"] not in ("EVAL_CRASH", "EVAL_BAD_OUTPUT", "OWN", "TLE") and host.text(1).strip():
        # What the program prints stands before the verdict of the reference's judge, which then cannot be read.
        found["reference"] = verdict("Error", 0, 0, "EVAL_BAD_OUTPUT", cut(host.text(1), SHOWN["errors"]))
    return found


def equal(host, value, expected, rule):
    if rule == "strict":
        value = host.plain(value)
        if type(value) is Remote:
            return False
    if isinstance(value, tuple):
        value = list(value)
    # The reference believes what an object says of itself.
    host.wire.distrusts = rule == "strict"
    return bool(value == expected)


def hung_up(host, status):
    """The reference reads what a program that ends early has printed as the verdict of its own judge."""
    if status != 0:
        return verdict("Error", 0, 0, "EVAL_CRASH", cut(host.text(2), SHOWN["errors"]) if host else "")
    try:
        own = json.loads(host.text(1).strip())
        if type(own) is dict and own.get("all_passed"):
            return verdict("Passed", len(job["cases"]), None, "OWN", "The program has written its own verdict.")
    except (ValueError, RecursionError):
        pass
    return verdict("Error", 0, 0, "EVAL_BAD_OUTPUT", cut(host.text(1), SHOWN["errors"]))


# Steps: the strict ones first, so that nothing of the tests has been near the program when it is judged strictly.

def tell(name, found):
    write(name, found or verdict("TimedOut", index=0, type="TLE", detail="The time for all tests is over."))


def main():
    strict, reference = job["strict"], job["reference"]
    sys.setrecursionlimit(20000)
    if job["mode"] == "script":
        lacking = missing(job["script"])
        if lacking:
            write("missing", lacking)
            return
        if strict:
            tell("strict", swept(lambda folder: apart(lambda: strict_script(strict, folder), job["seconds"] + 1)))
        if reference:
            tell("reference", swept(lambda folder: reference_script(reference, folder)))
    elif job["mode"] == "input":
        for name, code in (("strict", strict), ("reference", reference)):
            if code and not (name == "reference" and code == strict):
                tell("both" if reference == strict else name, reads_input(code))
    else:
        seconds = max(10, job["seconds"] * len(job["cases"]) + 5)
        groups = [(strict, ["strict", "reference"])] if strict == reference else [(strict, ["strict"]), (reference, ["reference"])]
        for code, rules in groups:
            if code:
                found = swept(lambda folder: apart(lambda: calls(code, rules, folder), seconds)) or dict.fromkeys(rules)
                for rule in rules:
                    tell(rule, found.get(rule, found) if found.get("outcome") is None else found)


main()
