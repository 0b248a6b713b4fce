# Values and calls between the process of the tests and the process of the program. Plain data cross as copies; everything else stays where it is, and
# the other side gets a stand-in that asks. Nothing that arrives is run. Each side trusts its own half only.
import builtins
import collections
import datetime
import decimal
import fractions
import json
import operator
import os
import select
import time

MOST = 64 << 20
DEEPEST = 400
PLAIN = {"bool": bool, "int": int, "float": float, "complex": complex, "str": str, "bytes": bytes, "list": list, "tuple": tuple, "set": set,
         "frozenset": frozenset, "dict": dict}
MADE = {
    "bytearray": (bytearray, lambda value: [bytes(value)]), "range": (range, lambda value: [value.start, value.stop, value.step]),
    "deque": (collections.deque, lambda value: [list(value), value.maxlen]), "OrderedDict": (collections.OrderedDict, lambda value: [list(value.items())]),
    "Counter": (collections.Counter, lambda value: [dict(value)]), "Decimal": (decimal.Decimal, lambda value: [str(value)]),
    "Fraction": (fractions.Fraction, lambda value: [value.numerator, value.denominator]),
    "date": (datetime.date, lambda value: [value.year, value.month, value.day]),
    "timedelta": (datetime.timedelta, lambda value: [value.days, value.seconds, value.microseconds]),
}
ACTIONS = {
    "__call__": lambda on, args, named: on(*args, **named), "__getattr__": lambda on, args, named: getattr(on, *args),
    "__setattr__": lambda on, args, named: setattr(on, *args), "__delattr__": lambda on, args, named: delattr(on, *args),
    "__len__": lambda on, args, named: len(on), "__iter__": lambda on, args, named: iter(on), "__next__": lambda on, args, named: next(on),
    "__bool__": lambda on, args, named: bool(on), "__hash__": lambda on, args, named: hash(on), "__str__": lambda on, args, named: str(on),
    "__repr__": lambda on, args, named: repr(on), "__int__": lambda on, args, named: int(on), "__float__": lambda on, args, named: float(on),
    "__complex__": lambda on, args, named: complex(on), "__round__": lambda on, args, named: round(on, *args),
    "__divmod__": lambda on, args, named: divmod(on, *args), "__reversed__": lambda on, args, named: reversed(on),
    "__contains__": lambda on, args, named: args[0] in on, "__pow__": lambda on, args, named: pow(on, *args),
}
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "getitem", "setitem", "delitem", "neg", "pos", "abs", "invert", "index",
              "add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor", "lshift", "rshift", "matmul"):
    _action = getattr(operator, _name)
    _name = _name.rstrip("_")
    ACTIONS[f"__{_name}__"] = lambda on, args, named, action=_action: action(on, *args)
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor", "pow"):
    _action = getattr(operator, _name)
    _name = _name.rstrip("_")
    ACTIONS[f"__r{_name}__"] = lambda on, args, named, action=_action: action(args[0], on)


class Gone(BaseException):
    """The other side has ended, or says what it must not."""


class Late(BaseException):
    """The other side takes too long."""


class Remote:
    """Stands for an object of the other side."""

    def __init__(self, wire, id, names):
        object.__setattr__(self, "_parts", (wire, id, names))

    @property
    def __class__(self):
        return next((PLAIN[name] for name in self._parts[2] if name in PLAIN), Remote)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._parts[0].ask(self._parts[1], "__getattr__", [name], {})


def _stand_in(name):
    def ask(self, *args, **named):
        wire, id, _ = object.__getattribute__(self, "_parts")
        return wire.ask(id, name, list(args), named)
    return ask


for _name in ACTIONS:
    if _name != "__getattr__":
        setattr(Remote, _name, _stand_in(_name))


class Wire:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.kept, self.ids, self.until = {}, {}, None

    # Bytes

    def send(self, message):
        data = json.dumps(message).encode()
        data = len(data).to_bytes(8, "big") + data
        while data:
            self.wait([], [self.writer])
            try:
                data = data[os.write(self.writer, data[:65536]):]
            except OSError:
                raise Gone() from None

    def receive(self):
        size = int.from_bytes(self.read(8), "big")
        if size > MOST:
            raise Gone()
        try:
            return json.loads(self.read(size))
        except (ValueError, RecursionError):
            raise Gone() from None

    def read(self, count):
        pieces = []
        while count > 0:
            self.wait([self.reader], [])
            piece = os.read(self.reader, min(count, 1 << 20))
            if not piece:
                raise Gone()
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def wait(self, readers, writers):
        left = None if self.until is None else max(0, self.until - time.monotonic())
        if not any(select.select(readers, writers, [], left)):
            raise Late()

    # Values

    def pack(self, value, depth=0):
        kind = type(value)
        if value is None or kind is bool or kind is str or kind is float:
            return value
        if kind is int:
            return value if -(1 << 53) < value < 1 << 53 else {"int": hex(value)}
        if depth < DEEPEST:
            if kind is list:
                return [self.pack(item, depth + 1) for item in value]
            if kind in (tuple, set, frozenset):
                return {kind.__name__: [self.pack(item, depth + 1) for item in value]}
            if kind is dict:
                return {"dict": [[self.pack(key, depth + 1), self.pack(item, depth + 1)] for key, item in value.items()]}
        if kind is bytes:
            return {"bytes": value.hex()}
        if kind.__name__ in MADE and MADE[kind.__name__][0] is kind and depth < DEEPEST:
            return {"make": kind.__name__, "of": self.pack(MADE[kind.__name__][1](value), depth + 1)}
        if kind.__module__ == "numpy" and getattr(value, "ndim", None) == 0 and hasattr(value, "item") and type(value.item()) in PLAIN.values():
            return self.pack(value.item(), depth + 1)
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is Remote and value._parts[0] is self:
            return {"yours": value._parts[1]}
        if kind is type and value in PLAIN.values():
            return {"type": value.__name__}
        if id(value) not in self.ids:
            self.ids[id(value)] = len(self.kept)
            self.kept[len(self.kept)] = value
        return {"mine": self.ids[id(value)], "names": [base.__name__ for base in kind.__mro__]}

    def unpack(self, value, depth=0):
        if depth > 2 * DEEPEST + 8:
            raise Gone()
        if type(value) is list:
            return [self.unpack(item, depth + 1) for item in value]
        if type(value) is not dict:
            return value
        try:
            if "mine" in value:
                return Remote(self, int(value["mine"]), [str(name) for name in value["names"]])
            if "make" in value:
                return MADE[value["make"]][0](*self.unpack(value["of"], depth + 1))
            (tag, content), = value.items()
            if tag == "int":
                return int(content, 16)
            if tag in ("tuple", "set", "frozenset"):
                return PLAIN[tag](self.unpack(item, depth + 1) for item in content)
            if tag == "dict":
                return {self.unpack(key, depth + 1): self.unpack(item, depth + 1) for key, item in content}
            if tag == "bytes":
                return bytes.fromhex(content)
            if tag == "complex":
                return complex(*content)
            if tag == "type":
                return PLAIN[content]
            if tag == "yours":
                return self.kept[content]
        except (ValueError, TypeError, KeyError, ArithmeticError):
            pass
        raise Gone()

    # Calls

    def ask(self, on, name, args, named):
        """Has the other side do something with its object; what it raises is raised here."""
        packed = self.pack(args)
        self.send({"on": on, "do": name, "args": packed, "named": {key: self.pack(item) for key, item in named.items()}})
        answer = self.answer()
        if "error" in answer:
            raise self.error(answer)
        if "args" in answer:
            restore(args, self.unpack(answer["args"]))
        return self.unpack(answer.get("value"))

    def answer(self):
        while True:
            message = self.receive()
            if type(message) is not dict:
                raise Gone()
            if "on" not in message:
                return message
            self.serve(message)

    def serve(self, message):
        """Does what the other side asks for; the side of the tests allows little."""
        try:
            on = self.kept[message["on"]]
            args = self.unpack(message["args"])
            named = {key: self.unpack(item) for key, item in message["named"].items()}
            if not self.allows(message["do"]):
                raise TypeError(f"{message['do']} is not possible with an object of the tests")
            before = json.dumps(self.pack(args))
            value = ACTIONS[message["do"]](on, args, named)
        except Exception as error:
            self.send({"error": [base.__name__ for base in type(error).__mro__], "text": str(error)[:2000]})
        else:
            answer = {"value": self.pack(value)}
            after = self.pack(args)
            if json.dumps(after) != before:
                answer["args"] = after
            self.send(answer)

    def allows(self, name):
        return True

    def error(self, answer):
        names, text = answer["error"], str(answer.get("text"))
        for name in names if type(names) is list else []:
            kind = getattr(builtins, name, None) if type(name) is str else None
            if isinstance(kind, type) and issubclass(kind, Exception):
                try:
                    error = kind(text)
                except TypeError:
                    continue
                break
        else:
            error = Exception(text)
        error.remote = names[0] if type(names) is list and names else "Exception"
        return error


def restore(old, new):
    """Gives containers the content that a call has left in them."""
    if type(old) is list and type(new) is list:
        old[:] = [restore(old[i], item) if i < len(old) else item for i, item in enumerate(new)]
    elif type(old) is dict and type(new) is dict:
        items = [(key, restore(old[key], item) if key in old else item) for key, item in new.items()]
        old.clear()
        old.update(items)
    elif type(old) is set and type(new) is set:
        old.clear()
        old.update(new)
    elif type(old) is tuple and type(new) is tuple and len(old) == len(new):
        items = tuple(map(restore, old, new))
        return old if all(map(operator.is_, old, items)) else items
    else:
        return old if type(old) is Remote else new
    return old
