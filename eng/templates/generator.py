"""Random templates over the part of Jinja that chat templates use. The same seed gives the same templates."""
import random

TEXTS = ["", "a", "B", "abc", "Hello World", " pad ", "x,y,,z", "line1\nline2\n", "é😀ñ", "İß ǆ", "a-b_c", "<b>&\"'", "1", "-7", "3.5", "0x1F", "\t\n",
         "Ünï cödé", "title case it's", "{}", "%s", "a\r\nb", "ΑΣ", "tool_call", "</think>\n\nok", "  two  spaces  ", "ZZ top", "\u2028sep", "nul\x00"]
NUMBERS = ["0", "1", "2", "3", "7", "10", "-1", "-2", "100", "9223372036854775807", "12345678901234567890"]
FLOATS = ["0.0", "1.0", "2.5", "-0.5", "3.14159", "1e16", "1e-7", "0.1", "100.0", "-7.25", "1e300"]
NAMES = ["s", "t", "n", "f", "flag", "xs", "ws", "d", "people", "messages", "none_v", "nested", "missing", "empty", "x", "y"]
KEYS = ["role", "content", "name", "age", "a", "b", "k", "tags", "nope", "items", "0", "type"]

VARIABLES = {
    "s": " Some Text, here ", "t": "user", "n": 5, "f": 2.5, "flag": True, "xs": [3, 1, 2, 3], "ws": ["b", "A", "c", "a", "é"],
    "d": {"b": 2, "a": 1, "C": 3}, "none_v": None, "empty": [], "nested": {"k": {"k": {"k": [1, {"k": "deep"}]}}, "items": 5},
    "people": [{"name": "Ann", "age": 30, "tags": ["x", "y"]}, {"name": "bob", "age": 25}, {"name": "Cid", "age": 30, "tags": []}],
    "messages": [{"role": "system", "content": "Be brief.\n"}, {"role": "user", "content": " q1 é "},
                 {"role": "assistant", "content": "<think>\nhm\n</think>\n\na1", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1, "b": None}}}]},
                 {"role": "user", "content": [{"type": "text", "text": "part"}, {"type": "image"}]}],
}

STRING_FILTERS = ["upper", "lower", "trim", "title", "capitalize", "string", "escape", "safe", "length", "list", "first", "last", "reverse", "wordcount",
                  "int", "float", "tojson", "urlencode", "striptags", "center(12)", "center(7)", "indent", "indent(2, true)", "indent('> ', blank=true)",
                  "replace('a', 'X')", "replace('', '-')", "replace('l', 'L', 1)", "truncate(6)", "truncate(5, true, '~')", "truncate(9, leeway=0)",
                  "default('d')", "default('d', true)", "join('.')", "trim('a ')", "wordwrap(5)", "wordwrap(6, false)", "e", "forceescape", "unique | join",
                  "int(-1)", "int(0, 16)", "int(base=2)", "float(1.5)", "tojson(ensure_ascii=true)", "count", "attr('nope')", "format(1)", "sort | join",
                  "batch(2) | list", "slice(2) | list", "map('upper') | join", "select('in', 'abc') | join", "length | string", "min", "max", "d('z')"]
LIST_FILTERS = ["length", "first", "last", "join", "join(', ')", "list", "reverse | list", "sort", "sort(reverse=true)", "sort(attribute='age')", "unique | list", "sum",
                "min", "max", "tojson", "tojson(indent=2)", "tojson(indent=4, sort_keys=true)", "string", "batch(2) | list", "batch(3, 'f') | list",
                "slice(2) | list", "slice(3, 0) | list", "map('string') | join", "map('upper') | list", "map(attribute='name') | list",
                "map(attribute='tags', default='?') | list", "map(attribute='role') | join(',')", "select | list", "select('odd') | list", "reject('even') | list",
                "select('string') | list", "selectattr('age') | list | length", "selectattr('role', 'equalto', 'user') | list", "rejectattr('role', 'eq', 'system') | list",
                "selectattr('tags', 'defined') | map(attribute='name') | list", "groupby('age') | list", "groupby('age') | map('first') | list", "items | list",
                "dictsort", "sum(attribute='age')", "sum(start=10)", "default([])", "map('length') | list", "tojson(separators=(',', ':'))", "map('default', 'q') | list",
                "map('trim') | join('|')", "select('number') | sum", "sort(case_sensitive=true)", "unique(true) | join", "count", "urlencode", "pprint",
                "max(attribute='age')", "min(attribute='name')", "join('-', attribute='name')", "sort(attribute='age,name') | map(attribute='name') | join"]
NUMBER_FILTERS = ["abs", "int", "float", "string", "round", "round(1)", "round(-1)", "round(0, 'ceil')", "round(1, 'floor')", "filesizeformat", "tojson",
                  "default(3)", "filesizeformat(true)", "length", "list", "round | int", "string | length", "e", "format", "upper"]
STRING_METHODS = ["upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip()", "rstrip()", "strip(' a')", "lstrip('\\n')",
                  "split()", "split(',')", "split(' ', 1)", "rsplit()", "rsplit(',', 1)", "splitlines()", "splitlines(true)", "partition('a')", "rpartition(' ')",
                  "replace('a', 'b')", "replace('l', '', 1)", "replace('', '.')", "startswith('a')", "startswith(('a', 'H'))", "endswith('d')", "endswith('', 2)",
                  "find('a')", "find('l', 3)", "rfind('l')", "index('a')", "count('l')", "count('')", "count('a', 1, 3)", "center(9, '*')", "ljust(5, '.')", "rjust(6)",
                  "zfill(6)", "expandtabs(4)", "isalpha()", "isdigit()", "isalnum()", "isspace()", "isupper()", "islower()", "istitle()", "isnumeric()",
                  "isdecimal()", "isascii()", "isidentifier()", "isprintable()", "removeprefix('a')", "removesuffix('d')", "format(1, 'x')", "join(['a', 'b'])",
                  "join(ws)", "encode().decode()", "format(a=1, b=2)", "split('')", "split(none, 2)", "rsplit(none, 1)", "translate({97: 'z', 98: none})", "nosuch()", "nosuch"]
LIST_METHODS = ["index(1)", "count(3)", "copy()", "append(1)", "pop()", "index('zz')", "sort()", "insert(0, 1)"]
DICT_METHODS = ["keys()", "values()", "items()", "keys() | list", "values() | list", "items() | list", "get('a')", "get('zz')", "get('zz', 7)", "copy()", "update({})", "pop('a')", "get()"]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "callable", "true", "false", "odd", "even",
         "lower", "upper", "eq 1", "ne 'a'", "in [1, 2, 'a']", "in 'abc'", "divisibleby 2", "divisibleby(3)", "sameas none", "gt 1", "lt 3", "ge 2", "le 'b'", "escaped",
         "equalto('user')", "not none", "not string", "filter", "test", "sameas true", "greaterthan 2", "not in xs"]
FORMATS = ["'%s'", "'%d'", "'%5.2f|'", "'%x'", "'%r'", "'%-6s|'", "'%05d'", "'%e'", "'%g'", "'%+d'", "'%%%s'", "'%c'", "'%i %s'", "'%(a)s'", "'%o'", "'%.3s'", "'%#x'", "'% d'", "'%G'", "'%10.4g'"]
BRACES = ["'{}'", "'{0}{0}'", "'{:>6}|'", "'{:<6}|'", "'{:^7}|'", "'{:.2f}'", "'{:05d}'", "'{:,}'", "'{:x}'", "'{!r}'", "'{a}'", "'{0[k]}'", "'{0.real}'", "'{:*^9}'", "'{:e}'", "'{:g}'",
          "'{:+}'", "'{:%}'", "'{:_}'", "'{:#x}'", "'{:b}'", "'{:10.3}|'", "'{}{}'", "'{:s}'", "'{:n}'", "'{:{}}'", "'{{}}'", "'{'", "'{:c}'", "'{:=+8}'", "'{:08.3f}'"]
DATES = ["%d %b %Y", "%Y-%m-%d", "%B %d, %Y", "%H:%M:%S", "%A %j %U %w", "%-d/%-m", "%I %p", "%y%%", "%e|%a"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.budget = 0

    def template(self):
        self.budget = self.random.choice([1, 2, 3, 4, 5, 6, 8, 12, 20])
        source = self.body(0, loop=False)
        if self.random.random() < 0.06:
            source = self.broken(source)
        used = {name: value for name, value in VARIABLES.items() if name in source}
        return source, used

    # Small helpers

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def quoted(self, text):
        text = text.replace("\\", "\\\\").replace("\n", self.one("\\n", "\n")).replace("\r", "\\r").replace("\x00", "\\x00")
        return '"' + text.replace('"', '\\"') + '"' if self.chance(0.4) else "'" + text.replace("'", "\\'") + "'"

    def broken(self, source):
        at = self.random.randrange(len(source) + 1)
        return self.one(
            source[:at] + source[at + 1:], source[:at] + self.one("}", "{", "%", "'", "(", ")", "|", "-", "{{", "%}", "#}", ",", "[") + source[at:],
            source[:at], source[:at] + source[at:at + 3] + source[at:])

    # Statements

    def open(self):
        return "{%" + self.one("", "", "", "-", "-", "+")

    def close(self):
        return self.one("", "", "", "-", "-", "+") + "%}"

    def tag(self, text):
        return f"{self.open()} {text} {self.close()}"

    def data(self):
        return self.one("", "", " ", "\n", "\n\n", "  \n  ", "text", "a b\n", "\t", "- ", "<x>", "é", "end.\n", "\n    ", "{", "}", "\r\n", "{# note #}", "{#- note -#}\n", "\n {# n #}\n")

    def body(self, depth, loop):
        parts = []
        for _ in range(self.random.randint(1, 5 if depth == 0 else 3)):
            parts.append(self.data())
            if self.budget > 0:
                self.budget -= 1
                parts.append(self.statement(depth, loop))
        parts.append(self.data())
        return "".join(parts)

    def statement(self, depth, loop):
        roll = self.random.random()
        if depth > 3 or roll < 0.45:
            return "{{" + self.one("", "", "-", " ") + f" {self.expression(0)} " + self.one("", "", "-") + "}}"
        inner = lambda inside=loop: self.body(depth + 1, inside)
        kind = self.random.choices(
            ["if", "for", "set", "setblock", "macro", "with", "filter", "namespace", "call", "generation", "raw", "jump", "raise", "clock", "escape", "block", "ifelse", "recursive", "print", "unpack"],
            [14, 16, 16, 5, 8, 4, 4, 8, 4, 3, 2, 4, 1, 1, 1, 1, 8, 1, 1, 3])[0]
        if kind == "if":
            middle = self.tag(f"elif {self.expression(1)}") + inner() if self.chance(0.3) else ""
            end = self.tag("else") + inner() if self.chance(0.4) else ""
            return self.tag(f"if {self.expression(1)}") + inner() + middle + end + self.tag("endif")
        if kind == "ifelse":
            return self.tag(f"if {self.one('loop.first', 'loop.last', 'loop.index0 > 0', 'flag', 'x is defined', 'not y', 'n > 3')}") + inner() + self.tag("endif")
        if kind == "for":
            return self.loop(depth)
        if kind == "recursive":
            return ("{% for k, v in nested.items() recursive %}{{ k }}{{ loop.depth }}{% if v is mapping %}({{ loop(v.items()) }}){% endif %}"
                    + self.one("{% else %}none", "") + "{% endfor %}")
        if kind == "set":
            return self.tag(f"set {self.one('x', 'y', 'x', 'msg', 's')} = {self.expression(0)}")
        if kind == "unpack":
            return self.tag(f"set x, y = {self.one('1, 2', 'xs[:2]', 's', '[1, 2, 3]', '(y, x)', 'd.items()', 'ws[:2]')}")
        if kind == "setblock":
            return self.tag(f"set {self.one('x', 'y')}{self.one('', '', ' | upper', ' | trim | length')}") + inner() + self.tag("endset")
        if kind == "macro":
            name = self.one("m", "w")
            return (self.tag(f"macro {name}({self.one('', 'a', 'a, b=2', 'x, y=x', 'a=none')})") + inner(False) + self.tag("endmacro")
                    + (f"{{{{ {name}({self.one('', '1', 's, 2', 'b=3', 'a=1', 'x=s', '1, 2, 3')}) }}}}" if self.chance(0.8) else ""))
        if kind == "with":
            return self.tag(f"with {self.one('x = 1', 'x = n, y = x', 'y = ' + self.expression(1), '')}") + inner() + self.tag("endwith")
        if kind == "filter":
            return self.tag(f"filter {self.one('upper', 'trim', 'trim | title', 'replace(1, 2)', 'indent(2)', 'length')}") + inner() + self.tag("endfilter")
        if kind == "namespace":
            return (self.tag(f"set ns = namespace({self.one('v=0', 'v=[]', 'v=none', 'v=s', '{}')})") + self.tag(f"for i in {self.sequence(1)}")
                    + self.tag(f"set ns.v = {self.one('ns.v ~ i', 'i', 'loop.index', 'ns.v + [i]', '[ns.v, i]', 'ns.v + 1')}") + inner(True) + self.tag("endfor") + "{{ ns.v }}")
        if kind == "call":
            return ("{% macro c(a=1) %}<{{ caller" + self.one("()", "(a)", "()", " is defined") + " }}>{% endmacro %}" + self.tag(f"call{self.one('', '(v)')} c({self.one('', '2')})")
                    + inner(False) + self.tag("endcall"))
        if kind == "generation":
            return self.tag("generation") + inner(False) + self.tag("endgeneration")
        if kind == "raw":
            return "{% raw %}" + self.one("{{ x }}", " {% if %} ", "{# #}", "\n") + self.one("{% endraw %}", "{%- endraw -%}", "{% endraw -%}")
        if kind == "jump":
            return self.tag(f"if {self.expression(1)}") + self.tag(self.one("break", "continue")) + self.tag("endif") if loop else self.tag("set y = 3")
        if kind == "raise":
            return "{{ raise_exception(" + self.one("'no'", "s", "'a' ~ 1") + ") }}"
        if kind == "clock":
            return "{{ strftime_now('" + self.one(*DATES) + "') }}"
        if kind == "escape":
            return self.tag(f"autoescape {self.one('true', 'false')}") + inner() + self.tag("endautoescape")
        if kind == "block":
            return self.tag(f"block b{self.random.randrange(1000)}{self.one('', '', ' scoped')}") + inner(False) + self.tag("endblock")
        return self.tag(f"print {self.expression(1)}")

    def loop(self, depth):
        target, source = self.one(
            ("x", self.sequence(1)), ("x", self.sequence(1)), ("i", "xs"), ("m", "messages"), ("k, v", "d.items()"), ("k, v", "d | dictsort"), ("p", "people"), ("c", "s"),
            ("i", "range(4)"), ("i", "range(5, 0, -2)"), ("m", "messages[1:]"), ("m", "messages[::-1]"), ("x", "missing"), ("a, b", "[(1, 2), (3, 4)]"), ("k", "d"), ("x", "people | map(attribute='name')"))
        test = f" if {self.one('x', 'loop', 'm.role', 'i', 'p.age > 26', 'k', self.expression(2))}" if self.chance(0.15) else ""
        end = self.tag("else") + self.body(depth + 1, False) if self.chance(0.15) else ""
        first = self.one("", "", "{{ loop.index }}", "{{ loop.index0 }}{{ loop.first }}{{ loop.last }}", "{{ loop.length }}", "{{ loop.revindex }}{{ loop.revindex0 }}",
                         "{{ loop.previtem }}>{{ loop.nextitem }}", "{{ loop.cycle('o', 'e') }}", "{{ loop.changed(x) }}", f"{{{{ {target.split(',')[0]} }}}}", "{{ m.role }}", "{{ loop.depth }}")
        return self.tag(f"for {target} in {source}{test}") + first + self.body(depth + 1, True) + end + self.tag("endfor")

    # Expressions

    def expression(self, depth):
        if depth > 3:
            return self.atom()
        kind = self.random.choices(
            ["atom", "string", "number", "sequence", "dict", "compare", "logic", "conditional", "test", "concat", "access", "percent", "call", "group", "binary"],
            [10, 18, 10, 14, 6, 8, 6, 6, 9, 6, 10, 3, 3, 2, 5])[0]
        below = lambda: self.expression(depth + 1)
        if kind == "atom":
            return self.atom()
        if kind == "string":
            return self.string(depth)
        if kind == "number":
            return self.number(depth)
        if kind == "sequence":
            return self.sequence(depth) + (f" | {self.one(*LIST_FILTERS)}" if self.chance(0.7) else "")
        if kind == "dict":
            return self.one("d", "nested", "{'a': 1, 'b': [2]}", "messages[0]", "{1: 'x', 'k': none, 2.5: true}", "dict(a=1, b=2)", "{s: n}") + self.one(
                "", "." + self.one(*DICT_METHODS), " | tojson", " | dictsort", " | items | list", " | length", " | list", "." + self.one(*KEYS), f"['{self.one(*KEYS)}']", " | tojson(indent=1)", " | urlencode", " | xmlattr")
        if kind == "compare":
            return f"{below()} {self.one('==', '!=', '<', '<=', '>', '>=', 'in', 'not in', '==', 'in')} {below()}" + (f" {self.one('<', '==', '>=')} {self.atom()}" if self.chance(0.1) else "")
        if kind == "logic":
            return self.one(f"{below()} and {below()}", f"{below()} or {below()}", f"not {below()}", f"({below()}) or ({below()})")
        if kind == "conditional":
            return f"{below()} if {below()}" + (f" else {below()}" if self.chance(0.8) else "")
        if kind == "test":
            return f"{self.atom()} is {self.one('', '', 'not ')}{self.one(*TESTS)}".replace("not not", "not")
        if kind == "concat":
            return f"{below()} ~ {below()}" + (f" ~ {self.atom()}" if self.chance(0.4) else "")
        if kind == "access":
            return self.access()
        if kind == "percent":
            value = self.one(self.atom(), "(1, 'a')", "(n, s)", "f", "n", "s", "{'a': 1}")
            return f"{self.one(*FORMATS)} % {value}" if self.chance(0.5) else f"{self.one(*BRACES)}.format({self.one(self.atom(), 'n', 'f', 's', 'a=1', 'nested', '1, 2')})"
        if kind == "call":
            return self.one("range(3) | list", "range(n)", "dict(a=n)", "m(1)", "w()", "namespace(a=1).a", "cycler('a', 'b').next()", "joiner('-')()", "range(1, 9, 3) | join", "nosuch(1)", "s()", "m", "range(3)[1:]", "range(0)")
        if kind == "group":
            return f"({below()})" + self.one("", " | string", " | length", "[0]", " | list")
        return f"{below()} {self.one('+', '-', '*', '/', '//', '%', '+')} {below()}"

    def atom(self):
        return self.one(
            self.one(*NAMES), self.one(*NAMES), self.quoted(self.one(*TEXTS)), self.one(*NUMBERS), self.one(*FLOATS), self.one("true", "false", "none", "True", "None"),
            self.one("[]", "{}", "()", "[1, 'a', none]", "(1,)", "{'k': 'v'}", "[[1], [2]]", "[1.5, true]"), self.access())

    def access(self):
        base = self.one("messages", "people", "nested", "d", "xs", "s", "messages[0]", "messages[-1]", "people[0]", "nested.k", "ws", "missing", "none_v", "loop", "ns", "xs", "n")
        for _ in range(self.random.randint(1, 3)):
            base += self.one(
                f".{self.one('role', 'content', 'name', 'a', 'k', 'tags', 'nope', 'items', 'keys', 'upper', 'index', 'first')}", f"['{self.one(*KEYS)}']", f"[{self.one('0', '1', '-1', '9', 'n', 's', 'true')}]",
                f"[{self.slice()}]", ".0", f"['{self.one('content', 'k')}']", ".__class__" if self.chance(0.1) else ".k")
        return base

    def slice(self):
        return self.one("1:", ":2", ":-1", "::-1", "::2", "-2:", "1:3", "2:0:-1", ":", "5:", "none:2", "-1:0:-2", "n:", "::n")

    def string(self, depth):
        base = self.quoted(self.one(*TEXTS)) if self.chance(0.6) else self.one("s", "t", "messages[1].content", "messages[2]['content']", "ws[0]", "x", "d", "n")
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            base += self.one("." + self.one(*STRING_METHODS), "." + self.one(*STRING_METHODS), f"[{self.slice()}]", f"[{self.one('0', '-1', '1', '9')}]")
        for _ in range(self.random.choice([0, 0, 1, 1, 2])):
            base += " | " + self.one(*STRING_FILTERS)
        return base + (self.one(" * 2", " + 'z'", " + s", " * -1") if self.chance(0.1) else "")

    def number(self, depth):
        left = self.one(self.one(*NUMBERS), self.one(*FLOATS), "n", "f", "xs | length", "xs[0]", "flag")
        if self.chance(0.6):
            left = f"{left} {self.one('+', '-', '*', '/', '//', '%')} {self.one(self.one(*NUMBERS), self.one(*FLOATS), 'n', 'f')}"
        if self.chance(0.1):
            left = f"{self.one('2', '-2', 'n', 'f', '1.5', '0', '10')} ** {self.one('2', '3', '-1', '0', '16')}"
        if self.chance(0.15):
            left = self.one("-", "+", "- ") + left
        return f"({left}) | {self.one(*NUMBER_FILTERS)}" if self.chance(0.4) else left

    def sequence(self, depth):
        return self.one(
            "xs", "ws", "people", "messages", "empty", "[1, 2, 3]", "['b', 'a', 'C']", "(1, 'x')", "[[3, 1], [2]]", "xs + [9]", "s.split()", "d.keys()", "range(3)", "d.items()", "[none, 0, 1, '']",
            "messages[1:]", "xs[::-1]", "[1, 1.0, true, 'a', 'A']", "'abc'", "d", "missing", f"[{self.atom()}, {self.atom()}]", "xs * 2", "['x'] * 3", "people | map(attribute='age') | list")
