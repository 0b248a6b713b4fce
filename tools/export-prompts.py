#!/usr/bin/env python3
"""Exports the prompt texts of a clone of the reference implementation into a prompt catalogue (docs/prompts.md).

Run it in the root of your own clone, with the Python environment of that clone:

    python export-prompts.py prompt-recipes/mixture.json -o mixture.prompts.json   writes a catalogue and compares it with the known fingerprints
    python export-prompts.py --list prompts                                        functions and texts of a module, for recipes of your own

Exit code: 0 if every known text is there and equal byte for byte, 2 if one differs or is missing (the catalogue is written all the same), 1 on errors.

A recipe says which function makes which prompt. Those in prompt-recipes/ fit the clones that are known; names differ between releases:

    {
      "style": "mixture",
      "variant": "letter-only",
      "path": [".", "inference"],
      "system": "PACKAGE.MODULE:SYSTEM_TEXT",
      "kind_words": { "free": "reasoning" },
      "prompts": [
        { "agent": "math", "kinds": ["math", "choice", "code"], "rounds": "first", "call": "PACKAGE.MODULE:build_expert_prompt",
          "arguments": { "question": "$question", "kind": "$kind", "task_type": "$task_type", "function_name": "$function" } }
      ],
      "answer_pass": { "math": "PACKAGE.MODULE:SUFFIX", "code": "PACKAGE.MODULE:build_suffix", "choice": "package/module.py#FINGERPRINT" }
    }

"system" and "answer_pass" name a text, or a function without arguments that gives one; "=..." is the text itself, and "FILE.py#FINGERPRINT" a text that
stands somewhere in a file without a name of its own (the file is read, not run). "path" lists the folders in which modules and files are looked for.
"variant" and "kind_words" may be left out.

Arguments: "$question", "$kind" (math, choice, code, free, or the word for it in "kind_words"), "$task_type" ("function" or "complete"), "$function" (a name
or None), "$function_or_empty"; {"$object": {...}} is an object with these attributes; anything else is passed as it is. A call gives the user text, or
(system, user), or a list of messages with "role" and "content". Slot markers are those of the reference; others are named in "markers": {"MARKER": "slot"}.

How it works: each function is called with made-up questions (plain, lettered, with and without the words that ask for a choice, function known, unknown,
whole program); what differs between the calls becomes the places and parts of the catalogue. Nothing of the reference is contained in this file except
fingerprints (SHA-256) of its texts.
"""
import argparse
import ast
import hashlib
import importlib
import inspect
import json
import os
import re
import sys
import types

QUESTION = "qzxQUESTIONqzx"
LETTERED = QUESTION + "\nA. one\nB. two\nC. three\nD. four"
ASKED = LETTERED + "\n\nchoose the correct option"
FUNCTION = "qzxFUNCTIONqzx"

PLACE = re.compile(r"\{([a-z]+(?::[a-z_0-9]+)?)\}")
ROUNDS = ("first", "later", "every")
MARKERS = {
    "sequential": {"<<LATENT_PLANNER_SLOT>>": "plan", "<<LATENT_REFINED_SLOT>>": "refined", "<<LATENT_FEEDBACK_SLOT>>": "feedback"},
    "mixture": {
        "<<HIE_MATH_EXPERT_SLOT>>": "math", "<<HIE_CODE_EXPERT_SLOT>>": "code", "<<HIE_SCIENCE_EXPERT_SLOT>>": "science", "<<HIE_FEEDBACK_SLOT>>": "feedback",
    },
    "distillation": {"<<DISTILL_EXPERT_SLOT>>": "plan", "<<DISTILL_FEEDBACK_SLOT>>": "feedback"},
    "deliberation": {"<<DELIBERATION_REFLECTOR_SLOT>>": "reflector", "<<DELIBERATION_FEEDBACK_SLOT>>": "feedback"},
}

# What is known by its fingerprint: kind, question, task type, function.
SAMPLES = {
    "math": ("math", "What is 2+2?", "function", None),
    "choice": ("choice", "Pick one.\nA. x\nB. y\nC. z\nD. w", "function", None),
    "code (named)": ("code", "What is 2+2?", "function", "f"),
    "code (complete)": ("code", "What is 2+2?", "complete", None),
    "code (unnamed)": ("code", "What is 2+2?", "function", None),
    "free": ("free", "What is 2+2?", "function", None),
}
# First 16 digits of SHA-256 of the user turn. A variant has rows of its own where it differs from its style.
FINGERPRINTS = """
style                     agent      rounds math             choice           code (named)     code (complete)  code (unnamed)   free
sequential                planner    first  9770e64bb8475fe3 f6f488b51e4c640d 04cd51692402e1c9 2d3439578d075087 2e82d3d2884983e8 8125e9bf0d206e75
sequential                planner    later  88aaa7badc6ea34a 31f998f262a91b7a d69a2c263f47e13a 1ff17d23e5ba4497 270fe6f74a0d321b ad20f10f75261b17
sequential                critic     every  616e079f69c4423c 5f8bfecc985125b4 661dcb88004f1cbd faf3d9b404dffaed cdf555e639ff53bf c2db5baab0266fa4
sequential                solver     every  115e60f0adbd1f27 fb4eb5f545c7161f 6a7e4fa48e485ab3 a1843603d5a44388 48c1ef29ff6964bb 63e0ac1603534bf3
sequential-letter-only    solver     every  115e60f0adbd1f27 f05e6d0ad77a1350 6a7e4fa48e485ab3 a1843603d5a44388 48c1ef29ff6964bb 63e0ac1603534bf3
sequential-question-first solver     every  10fb23916d437af1 7fd8ce6b79149cfb 140ef5499e7213a9 8b5ca24ff4d4d263 b549af9f817590d2 63e0ac1603534bf3
mixture                   math       first  e5ccb8857fee4298 7486765dfa16b089 0cfc879820fc12ab 20029b1585f4c57e 8010c6c8efa2d38f e5ccb8857fee4298
mixture                   math       later  b5b05c3f3e0a6e12 fc2fa870478dd63a c5bf5f06de49b78a 1aa30cc7385dcda5 11e49da1f2887532 b5b05c3f3e0a6e12
mixture                   code       first  1597f6e1ae4e1e93 7239c2d1d321d20a 6b3f79fe264fcca3 a65df644349ee523 ddc287f3fd70bb9f 1597f6e1ae4e1e93
mixture                   code       later  2794fecfab0b0108 730ec901ff834507 8237dd3e2f2be732 e07609387ac4570d e98915ce3d3f32dd 2794fecfab0b0108
mixture                   science    first  ee09e83564171b3b 08e9fedecf3f82f2 a424a57513cb7ac1 6696b149a695eb08 279db84b6acb7aaf ee09e83564171b3b
mixture                   science    later  7498441e90a8b298 b3f203706a3ef878 dcbe1c2c1d5ea774 b4967636987ddc0e 4b06cdc69d19a979 7498441e90a8b298
mixture                   summarizer every  da88e102e05f0e4f 87ee2769224028d9 a791968531046280 d6b2eb454de76fcd 12cfb3a3e3baae08 5b5bb6f5829535a5
distillation              expert     first  6effdb900d565074 4f1db2e5f19713fe b52ebff9c172fd0a ed67b066de76bdf3 9e01a504902a9f62 6effdb900d565074
distillation              expert     later  20e05d27793f143c b4ab21bf82ee22f8 2cee1e8489fe160b 17fd32fec234712b 7ca1926b9fe898d8 20e05d27793f143c
distillation              learner    every  a6dd8a738ab09ab9 c62a7316bcf3f1f0 149129ab5357594d b5593ab2a36f2e23 ff5d2a88244156fc f76ff2f5088c3356
deliberation              reflector  first  3b3b3a6242593ad4 efdf214d1fb08a0b daacec66aeebcf59 e443c43473e48510 98b55341361d7d15 3b3b3a6242593ad4
deliberation              reflector  later  e384842b4f620fee 0cb35f55395e7635 844c0da9f4a94ae6 68f07aa521c54967 2d8ea7c0b195b26e e384842b4f620fee
deliberation              toolcaller every  bf1b6e037a872081 bceeca1b1047655e 7d0dfdd2609a93e3 d04947f0b2316eed 6b9d76f4a60719c9 288fc02c41f86378
"""
GENERIC_SYSTEM, TOOL_SYSTEM = "75357d685f238b6a", "35b0c95c55413ee8"
ANSWER_PASS = {"math": "fa37a34679094e4d", "choice": "7891979e5e2d33d1", "code": "3c5b1637597f22a8"}


class ExportError(Exception):
    pass


def fingerprint(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def imported(module):
    try:
        return importlib.import_module(module)
    except Exception as error:  # A module of the clone may fail in any way.
        raise ExportError(f"the module '{module}' cannot be imported: {type(error).__name__}: {error}. Run this in the root of the clone.") from error


def resolve(name):
    """The object of "module:name"."""
    module, _, attribute = name.partition(":")
    value = imported(module)
    try:
        for part in attribute.split("."):
            value = getattr(value, part)
    except AttributeError as error:
        raise ExportError(f"'{name}': {error}. --list {module} shows what there is.") from error
    return value


def text_in_file(place):
    """The text of "FILE.py#FINGERPRINT"."""
    file, _, wanted = place.partition("#")
    path = next((path for path in (os.path.join(folder, file) for folder in sys.path) if os.path.isfile(path)), None)
    if path is None:
        raise ExportError(f"'{place}': there is no file {file}. Run this in the root of the clone.")
    try:
        with open(path, encoding="utf-8") as source:
            nodes = list(ast.walk(ast.parse(source.read())))
    except (OSError, SyntaxError, ValueError) as error:
        raise ExportError(f"'{place}': {path} cannot be read: {error}") from error
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    found = next((text for text in texts if fingerprint(text) == wanted), None)
    if found is None:
        raise ExportError(f"'{place}': no text in {path} has this fingerprint. If the release has another wording, write it into the recipe as \"=...\".")
    return found


def text_of(name):
    """The text that a recipe names."""
    if name.startswith("="):
        return name[1:]
    if "#" in name:
        return text_in_file(name)
    value = resolve(name)
    if callable(value):
        value = called(value, name, {}, name)
    if not isinstance(value, str):
        raise ExportError(f"'{name}' gives a {type(value).__name__}, not a text")
    return value


def called(function, name, arguments, what):
    try:
        return function(**arguments)
    except Exception as error:  # A function of the clone may fail in any way; most often it has other arguments.
        raise ExportError(f"{what}: {name}{signature(function)} failed: {type(error).__name__}: {error}") from error


def signature(function):
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError):
        return ""


def title(entry, kind):
    return f"{entry['agent']}, {kind}, {entry['rounds']}"


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
            filled = {key: fill(item) for key, item in value.items()}
            return types.SimpleNamespace(**filled["$object"]) if filled.keys() == {"$object"} else filled
        return value

    result = called(resolve(entry["call"]), entry["call"], fill(entry.get("arguments", {})), title(entry, kind))
    if isinstance(result, (list, tuple)) and result and all(isinstance(item, dict) for item in result):
        texts = {item.get("role"): item.get("content") for item in result}
        result = texts.get("system"), texts.get("user")
    system, user = result if isinstance(result, tuple) and len(result) == 2 else (None, result)
    if not isinstance(user, str) or not isinstance(system, (str, type(None))):
        raise ExportError(f"{title(entry, kind)}: {entry['call']} gave a {type(result).__name__}; a text, (system, user) or messages are understood")
    return system, user


class Parts(dict):
    def put(self, name, text):
        if self.setdefault(name, text) != text:
            raise ExportError(f"the part '{name}' has two wordings, which one catalogue cannot hold:\n  {self[name]!r}\n  {text!r}")


def split_at(text, piece):
    if text.count(piece) != 1:
        raise ExportError(f"the question stands {text.count(piece)} times in the prompt, not once")
    return text.split(piece)


def with_final(after, lettered_after, parts):
    """Text behind the question: where lettered questions end otherwise, both ends become parts."""
    if after == lettered_after:
        return after
    if not (after.startswith("\n") and lettered_after.startswith("\n")):
        raise ExportError("the final instruction does not begin on a line of its own")
    plain, lettered = after[1:].split("\n"), lettered_after[1:].split("\n")
    # What comes before the final instruction, a slot for example, stays in the prompt.
    shared = 0
    while shared < min(len(plain), len(lettered)) - 1 and plain[shared] == lettered[shared]:
        shared += 1
    parts.put("final.box", "\n".join(plain[shared:]))
    parts.put("final.letter", "\n".join(lettered[shared:]))
    return "\n" + "\n".join([*plain[:shared], "{final}"])


def math_text(ask, parts):
    before, after = split_at(ask(QUESTION), QUESTION)
    lettered_before, lettered_after = split_at(ask(LETTERED), LETTERED)
    if before != lettered_before:
        raise ExportError("lettered questions change the text before the question, which a catalogue cannot hold")
    return before + "{question}" + with_final(after, lettered_after, parts)


def choice_text(ask, parts):
    before, asked_after = split_at(ask(ASKED), ASKED)
    other_before, after = split_at(ask(LETTERED), LETTERED)
    if (before, asked_after) == (other_before, after):
        return before + "{question}" + after
    if before != other_before or not after.endswith(asked_after) or not after.startswith("\n\n"):
        raise ExportError("cannot tell the sentence that asks for a choice from what surrounds it")
    parts.put("choice", after[2:len(after) - len(asked_after)])
    return before + "{question:choice}" + asked_after


def code_text(ask, parts):
    lines = {
        "interface.function": ask(QUESTION).split("\n"),
        "interface.unnamed": ask(QUESTION, function=None).split("\n"),
        "interface.program": ask(QUESTION, "complete", None).split("\n"),
    }
    if len({len(value) for value in lines.values()}) != 1:
        raise ExportError("the interface changes the number of lines")
    differing = [index for index, row in enumerate(zip(*lines.values())) if len(set(row)) > 1]
    if len(differing) > 1:
        raise ExportError(f"the interface changes {len(differing)} lines; one is understood")
    user = list(lines["interface.unnamed"])
    for index in differing:
        for name, value in lines.items():
            parts.put(name, value[index].replace(FUNCTION, "{function}"))
        user[index] = "{interface}"
    return "{question}".join(split_at("\n".join(user), QUESTION))


def free_text(ask, parts):
    surroundings = split_at(ask(QUESTION), QUESTION)
    if surroundings != split_at(ask(LETTERED), LETTERED):
        raise ExportError("lettered questions change the prompt, which a catalogue cannot hold for free questions")
    return "{question}".join(surroundings)


TEXTS = {"math": math_text, "choice": choice_text, "code": code_text, "free": free_text}


def check(recipe):
    for name in ("style", "prompts"):
        if name not in recipe:
            raise ExportError(f'the recipe lacks "{name}"')
    for entry in recipe["prompts"]:
        if missing := next((name for name in ("agent", "kinds", "rounds", "call") if name not in entry), None):
            raise ExportError(f'a prompt of the recipe lacks "{missing}": {json.dumps(entry)}')
        if unknown := next((word for word in entry["kinds"] if word not in TEXTS), None):
            raise ExportError(f"the recipe has the kind '{unknown}'. Known: {', '.join(TEXTS)}")
        if entry["rounds"] not in ROUNDS:
            raise ExportError(f"the recipe has the rounds '{entry['rounds']}'. Known: {', '.join(ROUNDS)}")


def user_lines(entry, recipe, kind, markers, parts):
    """The user turn of one prompt, with places in it."""
    def ask(question, *arguments, **named):
        text = call(entry, recipe, kind, question, *arguments, **named)[1]
        if match := PLACE.search(text):
            raise ExportError(f"the text {match[0]} in it would be taken for a place of the catalogue")
        return text

    try:
        text = TEXTS[kind](ask, parts)
        if marker := next((marker for marker in markers if any(marker in part for part in parts.values())), None):
            raise ExportError(f"the slot {marker} changes with the question, which a catalogue cannot hold")
    except ExportError as error:
        raise ExportError(f"{title(entry, kind)}: {error}") from error
    for marker, slot in markers.items():
        text = text.replace(marker, "{slot:%s}" % slot)
    return text.split("\n")


def catalogue_name(recipe):
    return "-".join(filter(None, (recipe["style"], recipe.get("variant"))))


def export(recipe):
    check(recipe)
    markers = {**MARKERS.get(recipe["style"], {}), **recipe.get("markers", {})}
    default_system = text_of(recipe["system"]) if "system" in recipe else None
    systems, parts, prompts = {}, Parts(), []
    for entry in recipe["prompts"]:
        for kind in entry["kinds"]:
            prompt = {"agents": [entry["agent"]], "kinds": [kind], "rounds": entry["rounds"]}
            system = call(entry, recipe, kind, QUESTION)[0]
            system = default_system if system is None else system
            if system is not None:
                name = next((key for key, value in systems.items() if value == system), None) or ("generic" if not systems else f"system{len(systems) + 1}")
                systems[name] = system
                prompt["system"] = name
            prompt["user"] = user_lines(entry, recipe, kind, markers, parts)
            prompts.append(prompt)
    return {
        "format": 1, "name": f"reference-{catalogue_name(recipe)}", "version": recipe.get("version", "1"), "language": "en",
        "license": "as the clone it was exported from", "author": "the authors of the reference implementation",
        "systems": systems, "parts": dict(parts), "prompts": prompts,
        "answer_pass": {kind: text_of(name) for kind, name in recipe.get("answer_pass", {}).items()},
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
        return PLACE.sub(lambda match: markers[match[1][5:]] if match[1].startswith("slot:") else places[match[1]](), text)

    return filled("\n".join(prompt["user"]))


def known_prompts(recipe):
    """Fingerprints of user turns: (agent, rounds) to those of the samples, in their order."""
    _, *rows = (re.split(r"\s+", row) for row in FINGERPRINTS.strip().split("\n"))
    known = {name: {(agent, rounds): hashes for style, agent, rounds, *hashes in rows if style == name} for name in (recipe["style"], catalogue_name(recipe))}
    if not all(known.values()):
        raise ExportError(f"no fingerprints are known for '{catalogue_name(recipe)}', so that nothing was compared")
    return {key: value for rows in known.values() for key, value in rows.items()}


def verify(catalogue, recipe):
    """Compares with the known fingerprints; returns the names of the texts that are equal, that differ and that are missing."""
    found = {"equal": [], "differ": [], "missing": []}

    def compare(name, text, expected):
        found["missing" if text is None else "equal" if fingerprint(text) == expected else "differ"].append(name)

    style, systems = recipe["style"], set()
    for (agent, rounds), hashes in known_prompts(recipe).items():
        for (sample, (kind, *question)), expected in zip(SAMPLES.items(), hashes):
            prompt = next((p for p in catalogue["prompts"] if p["agents"] == [agent] and kind in p["kinds"] and p["rounds"] == rounds), None)
            compare(f"{agent}, {sample}, {rounds}", prompt and compose(catalogue, prompt, kind, *question, MARKERS[style]), expected)
            if prompt:
                systems.add((f"{agent}, {kind}, {rounds}: system turn", catalogue["systems"].get(prompt.get("system"))))
    for name, text in sorted(systems, key=lambda system: system[0]):
        compare(name, text, TOOL_SYSTEM if style == "deliberation" else GENERIC_SYSTEM)
    for kind, expected in ANSWER_PASS.items():
        compare(f"answer pass, {kind}", catalogue["answer_pass"].get(kind), expected)
    return found


def list_module(name):
    for key, value in sorted(vars(imported(name)).items()):
        if inspect.isfunction(value) and value.__module__ == name:
            print(f"{name}:{key}{inspect.signature(value)}")
        elif isinstance(value, str) and key.isupper():
            print(f"{name}:{key}  ({len(value)} characters)")


def run(options):
    if options.list:
        list_module(options.list)
        return 0
    try:
        with open(options.recipe, encoding="utf-8") as file:
            recipe = json.load(file)
    except (OSError, ValueError) as error:
        raise ExportError(f"the recipe {options.recipe} cannot be read: {error}") from error
    sys.path[:0] = recipe.get("path", [])
    catalogue = export(recipe)
    text = json.dumps(catalogue, ensure_ascii=False, indent=2) + "\n"
    if options.output:
        with open(options.output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    else:
        print(text, end="")
    found = verify(catalogue, recipe)
    print(", ".join(f"{len(names)} {word}" for word, names in found.items()), file=sys.stderr)
    wrong = [f"  {word}: {name}" for word in ("differ", "missing") for name in found[word]]
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 2 if wrong else 0


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Exports prompt texts into a prompt catalogue. See the text at the top of this file.")
    parser.add_argument("recipe", nargs="?", help="JSON file that says which function makes which prompt")
    parser.add_argument("-o", "--output", help="catalogue to write; default: standard output")
    parser.add_argument("--list", metavar="MODULE", help="list functions and texts of a module")
    options = parser.parse_args(arguments)
    if not options.recipe and not options.list:
        parser.error("name a recipe, or --list MODULE")
    sys.path.insert(0, ".")
    try:
        return run(options)
    except (ExportError, OSError) as error:
        print(f"export-prompts: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
