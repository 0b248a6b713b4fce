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
    "time": (datetime.time, lambda value: [value.hour, value.minute, value.second, value.microsecond, value.tzinfo]),
    "datetime": (datetime.datetime, lambda value: [*value.timetuple()[:6], value.microsecond, value.tzinfo]),
    "timezone": (datetime.timezone, lambda value: [value.utcoffset(None)]),
    "timedelta": (datetime.timedelta, lambda value: [value.days, value.seconds, value.microseconds]),
}
ACTIONS = {
    "__call__": lambda on, args, named: on(*args, **named), "__getattr__": lambda on, args, named: getattr(on, *args),
    "__setattr__": lambda on, args, named: setattr(on, *args), "__delattr__": lambda on, args, named: delattr(on, *args),
    "__len__": lambda on, args, named: len(on), "__iter__": lambda on, args, named: iter(on), "__next__": lambda on, args, named: next(on),
    "__bool__": lambda on, args, named: bool(on), "__hash__": lambda on, args, named: hash(on), "__str__": lambda on, args, named: str(on),
    "__repr__": lambda on, args, named: repr(on), "__int__": lambda on, args, named: int(on), "__float__": lambda on, args, named: float(on),
    "__complex__": lambda on, args, named: complex(on), "__round__": lambda on, args, named: round(on, *args),
    "__reversed__": lambda on, args, named: reversed(on), "__contains__": lambda on, args, named: args[0] in on,
}
for _name in ("getitem", "setitem", "delitem", "neg", "pos", "abs", "invert", "index"):
    ACTIONS[f"__{_name}__"] = lambda on, args, named, action=getattr(operator, f"__{_name}__"): action(on, *args)
COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift", "matmul", "pow", "divmod")
REFLECTED = tuple(f"__r{_name}__" for _name in ARITHMETIC)
ARITHMETIC = tuple(f"__{_name}__" for _name in ARITHMETIC)


def _operation(name):
    whole = getattr(operator, name.replace("__r", "__", 1) if name in REFLECTED else name, divmod)

    def act(on, args, named):
        # With an object of the other side only this side's own method is tried: the other one does the same, and neither asks for ever.
        if type(args[0]) is Remote or len(args) > 1:
            method = getattr(type(on), name, None)
            return NotImplemented if method is None else method(on, *args)
        return whole(args[0], on) if name in REFLECTED else whole(on, args[0])
    return act


for _name in (*COMPARISONS, *ARITHMETIC, *REFLECTED):
    ACTIONS[_name] = _operation(_name)


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
        wire, id, _ = self._parts
        data = wire.data_of(self) if wire.distrusts else self
        if type(data) is not Remote and hasattr(data, name) and (type(data) in FIXED or name in RELATIONS):
            return getattr(data, name)
        return wire.ask(id, "__getattr__", [name], {})


# Of these nothing can be changed by a method; and these compare.
FIXED = (bool, int, float, complex, str, bytes, tuple, frozenset)
RELATIONS = ("issubset", "issuperset", "isdisjoint")


def _stand_in(name):
    def ask(self, *args, **named):
        wire, id, _ = object.__getattribute__(self, "_parts")
        if name == "__hash__" and wire.data_of and type(data := wire.data_of(self)) in FIXED:
            # Of texts it differs from process to process.
            return hash(data)
        # What an object of the program says of itself beside a value of the tests proves nothing: it is compared and reckoned with as the data that it is.
        if wire.distrusts and name in SETTLED and type(args[0]) is not Remote:
            data = wire.data_of(self)
            if type(data) is not Remote:
                return ACTIONS[name](data, args, named)
            if name in COMPARISONS or wire.one_function:
                return any(item is args[0] or item == args[0] for item in iter(self)) if name == "__contains__" else NotImplemented
        return wire.ask(id, name, list(args), named)
    return ask


SETTLED = {*COMPARISONS, *ARITHMETIC, *REFLECTED, "__contains__"}
for _name in ACTIONS:
    if _name != "__getattr__":
        setattr(Remote, _name, _stand_in(_name))


class Wire:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.kept, self.ids, self.until = {}, {}, None
        # For the side of the tests: what gives an object of the program as data, whether nothing else of it counts, not even where it is reckoned with, and
        # why nothing answers any more.
        self.data_of, self.distrusts, self.one_function, self.lost = None, False, False, None

    # Bytes

    def fail(self, why):
        self.lost = self.lost or why()
        raise self.lost

    def send(self, message):
        data = json.dumps(message).encode()
        data = len(data).to_bytes(8, "big") + data
        while data:
            self.wait([], [self.writer])
            try:
                data = data[os.write(self.writer, data[:65536]):]
            except OSError:
                self.fail(Gone)

    def receive(self):
        size = int.from_bytes(self.read(8), "big")
        if size > MOST:
            self.fail(Gone)
        try:
            return json.loads(self.read(size))
        except (ValueError, RecursionError):
            self.fail(Gone)

    def read(self, count):
        pieces = []
        while count > 0:
            self.wait([self.reader], [])
            piece = os.read(self.reader, min(count, 1 << 20))
            if not piece:
                self.fail(Gone)
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def wait(self, readers, writers):
        if self.lost:
            raise self.lost
        left = None if self.until is None else max(0, self.until - time.monotonic())
        if not any(select.select(readers, writers, [], left)):
            self.fail(Late)

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
        if value is NotImplemented:
            return {"not": "implemented"}
        if kind.__name__ in MADE and MADE[kind.__name__][0] is kind and depth < DEEPEST:
            return {"make": kind.__name__, "of": self.pack(MADE[kind.__name__][1](value), depth + 1)}
        if kind.__module__ == "numpy" and getattr(value, "ndim", None) == 0 and hasattr(value, "item") and type(value.item()) in PLAIN.values():
            return self.pack(value.item(), depth + 1)
        if kind.__module__ == "numpy" and kind.__name__ == "ndarray" and value.dtype.kind in "biufcSU":
            return {"array": [value.dtype.str, list(value.shape), self.pack(value.ravel().tolist(), depth + 1)]}
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
            self.fail(Gone)
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
            if tag == "not":
                return NotImplemented
            if tag == "array":
                return self.array(*content)
            if tag == "yours":
                return self.kept[content]
        except Exception:
            pass
        self.fail(Gone)

    def array(self, kind, shape, values):
        import numpy
        made = numpy.array(self.unpack(values), dtype=numpy.dtype(str(kind)[:8])).reshape(shape)
        if made.dtype.kind not in "biufcSU":
            raise TypeError(kind)
        return made

    # Calls

    def ask(self, on, name, args, named):
        """Has the other side do something with its object; what it raises is raised here."""
        packed = self.pack(args)
        self.send({"on": on, "do": name, "args": packed, "named": {key: self.pack(item) for key, item in named.items()}})
        answer = self.answer()
        if "error" in answer:
            error = self.error(answer)
            # Of a call it would end a loop of the tests as if it had come to its end.
            if isinstance(error, StopIteration) and name == "__call__" and self.data_of:
                raise RuntimeError("the function raised StopIteration") from error
            raise error
        if "args" in answer:
            restore(args, self.unpack(answer["args"]))
        return self.unpack(answer.get("value"))

    def answer(self):
        while True:
            message = self.receive()
            if type(message) is not dict:
                self.fail(Gone)
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
    elif type(old).__name__ == "ndarray" and type(new) is type(old) and old.shape == new.shape:
        old[...] = new
    else:
        return old if type(old) is Remote else new
    return old
