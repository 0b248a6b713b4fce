"""The environment in which transformers renders chat templates, built on Jinja2 alone."""
import datetime
import json

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2024, 7, 26, 9, 5, 3)


class Generation(Extension):
    """{% generation %}...{% endgeneration %} renders its body like the call of a macro without arguments."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("render_body"), [], [], body).set_lineno(line)

    def render_body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def strftime_now(format):
    return NOW.strftime(format)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = strftime_now
    return env


def render(env, source, variables):
    """A row as the golden data have it: expected, or error, error_type and phase."""
    try:
        template = env.from_string(source)
    except RecursionError as error:
        return {"error": str(error), "error_type": "RecursionError", "phase": "compile"}
    except Exception as error:
        return {"error": str(error), "error_type": type(error).__name__, "phase": "compile"}
    try:
        return {"expected": template.render(**variables)}
    except Exception as error:
        return {"error": str(error), "error_type": type(error).__name__, "phase": "render"}
