"""Makes random templates, renders them with Jinja2 and writes the results as rows of golden data, for the tests to compare.

Usage: crosscheck.py TARGET.jsonl [COUNT, default 5000] [SEED, default 20240726]
"""
import json
import re
import sys

import jinja2
from generator import Generator
from reference import environment, render

# Addresses of objects differ from run to run, and names of Python's own classes are nobody's concern.
UNSTABLE = re.compile(r"0x[0-9a-f]{6,}|<(class|function|built-in|bound|module|slot|method)|_iterator object|jinja2\.|lipsum|random")


def main():
    target = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    generator = Generator(int(sys.argv[3]) if len(sys.argv) > 3 else 20240726)
    env = environment()
    made = failed = seen_errors = 0
    with open(target, "w", encoding="ascii") as out:
        while made < count:
            source, variables = generator.template()
            result = render(env, source, variables)
            if UNSTABLE.search(result.get("expected", "")) or len(result.get("expected", "")) > 20000:
                continue
            # Most random templates fail somewhere. They are worth checking too, but say less than those that render.
            seen_errors += "error" in result
            if "error" in result and seen_errors % 6:
                continue
            made += 1
            failed += "error" in result
            out.write(json.dumps({"id": made, "group": "crosscheck", "template": source, "variables": variables, **result}) + "\n")
    print(f"{made} templates by Jinja2 {jinja2.__version__} on Python {sys.version.split()[0]}, {failed} of them end in an error: {target}")


main()
