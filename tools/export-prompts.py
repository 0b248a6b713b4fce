#!/usr/bin/env python3
"""Exports the prompt texts of a clone of the reference implementation into a prompt catalogue (docs/prompts.md).

Run it in your own clone, with the Python environment of that clone:

    python export-prompts.py --list PACKAGE.MODULE            names and parameters of its functions and texts
    python export-prompts.py recipe.json -o my.prompts.json   writes a catalogue and compares it with the known fingerprints

The recipe says which function makes which prompt, because names differ between releases:

    {
      "style": "mixture",
      "path": ["."],
      "system": "PACKAGE.MODULE:SYSTEM_TEXT",
      "prompts": [
        { "agent": "math", "kinds": ["math", "choice", "code"], "rounds": "first",
          "call": "PACKAGE.MODULE:build_expert_prompt",
          "arguments": { "question": "$question", "kind": "$kind", "task_type": "$task_type", "function_name": "$function" } }
      ],
      "answer_pass": { "math": "PACKAGE.MODULE:MATH_SUFFIX", "choice": "=literal text" }
    }

Arguments: "$question", "$kind" (math, choice, code; translate it with "kind_words": {"math": "..."}), "$task_type" ("function" or
"complete"), "$function" (a name or None), "$function_or_empty"; anything else is passed as it is. A call gives the user text, or (system, user), or a list of
messages with "role" and "content". Slot markers are those of the reference; others are named in "markers": {"MARKER": "slot"}.

How it works: each function is called with made-up questions (plain, lettered, with and without the words that ask for a choice, function known, unknown,
whole program); what differs between the calls becomes the places and parts of the catalogue. Nothing of the reference is contained in this file except
fingerprints (SHA-256) of its prompts, which tell whether the export is equal byte for byte.

This script was written without the clone at hand and has been tested with a made-up module only (test_export_prompts.py): trust the fingerprints,
not the exit code alone.
"""
import argparse
import hashlib
import importlib
import inspect
import json
import re
import sys

QUESTION = "qzxQUESTIONqzx"
LETTERED = QUESTION + "\nA. one\nB. two\nC. three\nD. four"
ASKED = LETTERED + "\n\nchoose the correct option"
FUNCTION = "qzxFUNCTIONqzx"

MARKERS = {
    "sequential": {"<<LATENT_PLANNER_SLOT>>": "plan", "<<LATENT_REFINED_SLOT>>": "refined", "<<LATENT_FEEDBACK_SLOT>>": "feedback"},
    "mixture": {"<<HIE_MATH_EXPERT_SLOT>>": "math", "<<HIE_CODE_EXPERT_SLOT>>": "code", "<<HIE_SCIENCE_EXPERT_SLOT>>": "science", "<<HIE_FEEDBACK_SLOT>>": "feedback"},
    "distillation": {"<<DISTILL_EXPERT_SLOT>>": "plan", "<<DISTILL_FEEDBACK_SLOT>>": "feedback"},
    "deliberation": {"<<DELIBERATION_REFLECTOR_SLOT>>": "reflector", "<<DELIBERATION_FEEDBACK_SLOT>>": "feedback"},
}

# First 16 digits of SHA-256 of the user turn, for: math, choice, code with function f, code as a whole program.
FINGERPRINTS = {
    ("sequential", "planner", "first"): ("9770e64bb8475fe3", "f6f488b51e4c640d", "04cd51692402e1c9", "2d3439578d075087"),
    ("sequential", "planner", "later"): ("88aaa7badc6ea34a", "31f998f262a91b7a", "d69a2c263f47e13a", "1ff17d23e5ba4497"),
    ("sequential", "critic", "every"): ("616e079f69c4423c", "5f8bfecc985125b4", "661dcb88004f1cbd", "faf3d9b404dffaed"),
    ("sequential", "solver", "every"): ("115e60f0adbd1f27", "fb4eb5f545c7161f", "6a7e4fa48e485ab3", "a1843603d5a44388"),
    ("mixture", "math", "first"): ("e5ccb8857fee4298", "7486765dfa16b089", "0cfc879820fc12ab", "20029b1585f4c57e"),
    ("mixture", "math", "later"): ("b5b05c3f3e0a6e12", "fc2fa870478dd63a", "c5bf5f06de49b78a", "1aa30cc7385dcda5"),
    ("mixture", "code", "first"): ("1597f6e1ae4e1e93", "7239c2d1d321d20a", "6b3f79fe264fcca3", "a65df644349ee523"),
    ("mixture", "code", "later"): ("2794fecfab0b0108", "730ec901ff834507", "8237dd3e2f2be732", "e07609387ac4570d"),
    ("mixture", "science", "first"): ("ee09e83564171b3b", "08e9fedecf3f82f2", "a424a57513cb7ac1", "6696b149a695eb08"),
    ("mixture", "science", "later"): ("7498441e90a8b298", "b3f203706a3ef878", "dcbe1c2c1d5ea774", "b4967636987ddc0e"),
    ("mixture", "summarizer", "every"): ("da88e102e05f0e4f", "87ee2769224028d9", "a791968531046280", "d6b2eb454de76fcd"),
    ("distillation", "expert", "first"): ("6effdb900d565074", "4f1db2e5f19713fe", "b52ebff9c172fd0a", "ed67b066de76bdf3"),
    ("distillation", "expert", "later"): ("20e05d27793f143c", "b4ab21bf82ee22f8", "2cee1e8489fe160b", "17fd32fec234712b"),
    ("distillation", "learner", "every"): ("a6dd8a738ab09ab9", "c62a7316bcf3f1f0", "149129ab5357594d", "b5593ab2a36f2e23"),
    ("deliberation", "reflector", "first"): ("3b3b3a6242593ad4", "efdf214d1fb08a0b", "daacec66aeebcf59", "e443c43473e48510"),
    ("deliberation", "reflector", "later"): ("e384842b4f620fee", "0cb35f55395e7635", "844c0da9f4a94ae6", "68f07aa521c54967"),
    ("deliberation", "toolcaller", "every"): ("bf1b6e037a872081", "bceeca1b1047655e", "7d0dfdd2609a93e3", "d04947f0b2316eed"),
}
SAMPLES = (
    ("math", "What is 2+2?", "function", None),
    ("choice", "Pick one.\nA. x\nB. y\nC. z\nD. w", "function", None),
    ("code", "What is 2+2?", "function", "f"),
    ("code", "What is 2+2?", "complete", None),
)


class ExportError(Exception):
    pass


def resolve(name):
    """The object of "module:name", or the text behind "="."""
    if name.startswith("="):
        return name[1:]
    module, _, attribute = name.partition(":")
    value = importlib.import_module(module)
    for part in attribute.split("."):
        value = getattr(value, part)
    return value


def fingerprint(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def call(entry, recipe, kind, question, task_type="function", function=FUNCTION):
    """Calls the function of an entry; returns (system or None, user)."""
    words = recipe.get("kind_words", {})
    values = {"$question": question, "$kind": words.get(kind, kind), "$task_type": task_type, "$function": function, "$function_or_empty": function or ""}

    def fill(value):
        if isinstance(value, str):
            return values.get(value, value)
        if isinstance(value, list):
            return [fill(item) for item in value]
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return value

    result = resolve(entry["call"])(**fill(entry.get("arguments", {})))
    if isinstance(result, str):
        return None, result
    if isinstance(result, (list, tuple)) and result and all(isinstance(item, dict) for item in result):
        texts = {item["role"]: item["content"] for item in result}
        return texts.get("system"), texts["user"]
    if isinstance(result, tuple) and len(result) == 2:
        return result
    raise ExportError(f"{entry['call']} gave a {type(result).__name__}; a text, (system, user) or messages are understood")


class Parts(dict):
    def put(self, name, text):
        if self.setdefault(name, text) != text:
            raise ExportError(f"the part '{name}' has two wordings, which one catalogue cannot hold:\n  {self[name]!r}\n  {text!r}")


def split_at(text, piece, what):
    if text.count(piece) != 1:
        raise ExportError(f"{what}: the question stands {text.count(piece)} times in the prompt, not once")
    return text.split(piece)


def with_final(before, after, other_after, plain_name, parts):
    """Text behind the question: if lettered questions end otherwise, both ends become parts."""
    if after == other_after:
        return after
    if not (after.startswith("\n") and other_after.startswith("\n")):
        raise ExportError("the final instruction does not begin on a line of its own")
    parts.put(plain_name, after[1:])
    parts.put("final.letter", other_after[1:])
    return "\n{final}"


def math_text(entry, recipe, parts, what):
    before, after = split_at(call(entry, recipe, "math", QUESTION)[1], QUESTION, what)
    lettered_before, lettered_after = split_at(call(entry, recipe, "math", LETTERED)[1], LETTERED, what)
    if before != lettered_before:
        raise ExportError(f"{what}: lettered questions change the text before the question, which a catalogue cannot hold")
    return before + "{question}" + with_final(before, after, lettered_after, "final.box", parts)


def choice_text(entry, recipe, parts, what):
    before, asked_after = split_at(call(entry, recipe, "choice", ASKED)[1], ASKED, what)
    _, after = split_at(call(entry, recipe, "choice", LETTERED)[1], LETTERED, what)
    if after == asked_after:
        return before + "{question}" + after
    if not after.endswith(asked_after) or not after.startswith("\n\n"):
        raise ExportError(f"{what}: cannot tell the sentence that asks for a choice from what follows it")
    parts.put("choice", after[2:len(after) - len(asked_after)])
    return before + "{question:choice}" + asked_after


def code_text(entry, recipe, parts, what):
    variants = {
        "interface.function": call(entry, recipe, "code", QUESTION, "function", FUNCTION)[1],
        "interface.unnamed": call(entry, recipe, "code", QUESTION, "function", None)[1],
        "interface.program": call(entry, recipe, "code", QUESTION, "complete", None)[1],
    }
    lines = {name: text.split("\n") for name, text in variants.items()}
    if len({len(value) for value in lines.values()}) != 1:
        raise ExportError(f"{what}: the interface changes the number of lines")
    rows = list(zip(*lines.values()))
    differing = [index for index, row in enumerate(rows) if len(set(row)) > 1]
    if len(differing) > 1:
        raise ExportError(f"{what}: the interface changes {len(differing)} lines; one is understood")
    user = list(lines["interface.unnamed"])
    if differing:
        for name, value in lines.items():
            parts.put(name, value[differing[0]].replace(FUNCTION, "{function}"))
        user[differing[0]] = "{interface}"
    before, after = split_at("\n".join(user), QUESTION, what)
    return before + "{question}" + after


TEXTS = {"math": math_text, "choice": choice_text, "code": code_text}


def export(recipe):
    style = recipe["style"]
    markers = {**MARKERS.get(style, {}), **recipe.get("markers", {})}
    default_system = resolve(recipe["system"]) if "system" in recipe else None
    systems, parts, prompts = {}, Parts(), []
    for entry in recipe["prompts"]:
        for kind in entry["kinds"]:
            what = f"{entry['agent']}, {kind}, {entry['rounds']}"
            system = call(entry, recipe, kind, QUESTION)[0]
            system = default_system if system is None else system
            text = TEXTS[kind](entry, recipe, parts, what)
            for marker, slot in markers.items():
                text = text.replace(marker, "{slot:%s}" % slot)
            prompt = {"agents": [entry["agent"]], "kinds": [kind], "rounds": entry["rounds"]}
            if system is not None:
                name = next((key for key, value in systems.items() if value == system), None) or ("generic" if not systems else f"system{len(systems) + 1}")
                systems[name] = system
                prompt["system"] = name
            prompt["user"] = text.split("\n")
            prompts.append(prompt)
    return {
        "format": 1, "name": f"reference-{style}", "version": recipe.get("version", "1"), "language": "en",
        "license": "as the clone it was exported from", "author": "the authors of the reference implementation",
        "systems": systems, "parts": dict(parts), "prompts": prompts,
        "answer_pass": {kind: resolve(name) for kind, name in recipe.get("answer_pass", {}).items()},
    }


def compose(catalogue, prompt, kind, question, task_type, function, markers):
    """A prompt of the catalogue, filled as the library fills it."""
    parts = catalogue["parts"]
    lettered = kind == "choice" or any(re.match(r"\s*[A-Da-d]\s*[.):\-]\s", line + "\n") for line in question.split("\n"))
    asks = "choose the correct option" in question.lower()
    markers = {slot: marker for marker, slot in markers.items()}
    places = {
        "question": lambda: question,
        "question:choice": lambda: question.rstrip() + ("" if asks else "\n\n" + parts["choice"]),
        "function": lambda: function,
        "interface": lambda: filled(parts["interface.program" if task_type == "complete" else "interface.function" if function else "interface.unnamed"]),
        "final": lambda: parts["final.letter" if lettered else "final.box"],
    }

    def filled(text):
        # In one pass, so that places inside of a question stay text.
        return re.sub(r"\{([a-z]+(?::[a-z_0-9]+)?)\}", lambda match: markers[match[1][5:]] if match[1].startswith("slot:") else places[match[1]](), text)

    return filled("\n".join(prompt["user"]))


def verify(catalogue, style):
    """Compares with the known fingerprints; returns (equal, different) as lists of names."""
    equal, different = [], []
    for prompt in catalogue["prompts"]:
        expected = FINGERPRINTS.get((style, prompt["agents"][0], prompt["rounds"]))
        for sample, (kind, question, task_type, function) in enumerate(SAMPLES):
            if expected is None or kind not in prompt["kinds"]:
                continue
            text = compose(catalogue, prompt, kind, question, task_type, function, MARKERS[style])
            name = f"{prompt['agents'][0]}, {kind}{' (' + task_type + ')' if kind == 'code' else ''}, {prompt['rounds']}"
            (equal if fingerprint(text) == expected[sample] else different).append(name)
    return equal, different


def list_module(name):
    module = importlib.import_module(name)
    for key, value in sorted(vars(module).items()):
        if inspect.isfunction(value):
            print(f"{name}:{key}{inspect.signature(value)}")
        elif isinstance(value, str) and key.isupper():
            print(f"{name}:{key}  ({len(value)} characters)")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Exports prompt texts into a prompt catalogue. See the text at the top of this file.")
    parser.add_argument("recipe", nargs="?", help="JSON file that says which function makes which prompt")
    parser.add_argument("-o", "--output", help="catalogue to write; default: standard output")
    parser.add_argument("--list", metavar="MODULE", help="list functions and texts of a module")
    options = parser.parse_args(arguments)
    sys.path.insert(0, ".")
    if options.list:
        list_module(options.list)
        return 0
    if not options.recipe:
        parser.error("name a recipe, or --list MODULE")
    with open(options.recipe, encoding="utf-8") as file:
        recipe = json.load(file)
    sys.path[:0] = recipe.get("path", [])
    try:
        catalogue = export(recipe)
    except ExportError as error:
        print(f"export-prompts: {error}", file=sys.stderr)
        return 1
    text = json.dumps(catalogue, ensure_ascii=False, indent=2) + "\n"
    if options.output:
        with open(options.output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    else:
        print(text, end="")
    equal, different = verify(catalogue, recipe["style"])
    print(f"{len(equal)} prompts equal the fingerprints, {len(different)} differ", file=sys.stderr)
    for name in different:
        print(f"  differs: {name}", file=sys.stderr)
    return 2 if different else 0


if __name__ == "__main__":
    sys.exit(main())
