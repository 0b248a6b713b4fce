# The process of the program: runs it, then does what the tests ask. It knows neither the tests nor who reads its answers.
import collections.abc
import numbers
import os
import sys
import types


def plain(value, depth=0):
    """A value as data, whatever its classes say."""
    for kind in (bool, int, float, str, bytes):
        if isinstance(value, kind):
            return kind(value)
    for kind, number in ((numbers.Integral, int), (numbers.Rational, fractions.Fraction), (numbers.Real, float)):
        if isinstance(value, kind):
            return number(value)
    if isinstance(value, collections.UserString):
        return str(value)
    if depth < 400:
        if isinstance(value, (list, tuple)):
            kind = list if isinstance(value, list) else tuple
            return kind(plain(item, depth + 1) for item in value)
        if isinstance(value, collections.UserList):
            return [plain(item, depth + 1) for item in value]
        if isinstance(value, collections.abc.Set):
            kind = frozenset if isinstance(value, frozenset) else set
            return kind(plain(item, depth + 1) for item in value)
        if isinstance(value, collections.abc.Mapping):
            return {plain(key, depth + 1): plain(item, depth + 1) for key, item in value.items()}
        if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
            return plain(value.tolist(), depth + 1)
    return value


def main():
    reader, writer = int(sys.argv[1]), int(sys.argv[2])
    wire = Wire(reader, writer)
    job = wire.receive()
    module = types.ModuleType("__main__" if job["main"] else "candidate")
    if job["main"]:
        sys.modules["__main__"] = module
    try:
        exec(job["prelude"], module.__dict__)
        exec(compile(job["code"], "code.py", "exec"), module.__dict__)
        holder = module
        if job["solution"] and hasattr(module, "Solution"):
            holder = module.Solution()
    except Exception as error:
        import traceback
        wire.send({"failed": "".join(traceback.format_exception(error))[-1500:], "repr": repr(error)[:1000]})
        return
    wire.kept[0], wire.kept[1] = (lambda name: hasattr(holder, name)), (lambda name: getattr(holder, name))
    wire.kept[2] = plain
    wire.send({"ready": True})
    try:
        while True:
            wire.serve(wire.receive())
    except Gone:
        pass


main()
