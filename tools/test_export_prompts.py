"""Tests of export-prompts.py against made-up modules. Run: python3 -m unittest discover tools

The catalogues in made_up_clone/exported are read by tests of the library. UPDATE_EXPORTED=1 writes them anew.
"""
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import sys
import tempfile
import types
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent
CLONE = TOOLS / "made_up_clone"
EXPORTED = CLONE / "exported"
SPEC = importlib.util.spec_from_file_location("export_prompts", TOOLS / "export-prompts.py")
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)
RECIPES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((TOOLS / "prompt-recipes").glob("*.json"))}

# Answer passes of the made-up clone.
NUMBER, LETTER, BLOCK = "My number: \\boxed{", "My letter: \\boxed{", "That was no code.\n```python\n"


def lettered(question):
    return any(line[:2] in ("A.", "B.", "C.", "D.") for line in question.split("\n"))


def solver(question, kind, task_type, name, later=False):
    head = "Fake solver" + (" again\nBefore:\n<<LATENT_FEEDBACK_SLOT>>" if later else "")
    if kind == "kode":
        face = f"only `{name}`" if name else "only the function" if task_type == "function" else "a program"
        return f"{head}\n{face}\n{question}\n<<LATENT_REFINED_SLOT>>\nBlock please"
    if kind == "choice":
        question = question.rstrip()
        if "choose the correct option" not in question.lower():
            question += "\n\nPick a letter"
        return [{"role": "system", "content": "Other system"}, {"role": "user", "content": f"{head}\n{question}\nLetter in a box"}]
    return "Sys", f"{head}\n<<LATENT_REFINED_SLOT>>\n{question}" + ("\nLetter {A}" if lettered(question) else "\n\nBox 1")


def recipe(**more):
    return {
        "style": "sequential", "kind_words": {"code": "kode"}, "system": "=Default system",
        "prompts": [{"agent": "solver", "kinds": ["math", "choice", "code"], "rounds": "every", "call": "fake_clone:solver",
                     "arguments": {"question": "$question", "kind": "$kind", "task_type": "$task_type", "name": "$function"}}],
        "answer_pass": {"math": "fake_clone:SUFFIX", "choice": "=Letter: "}, **more,
    }


class ExportTests(unittest.TestCase):
    """What becomes of the texts of one function."""

    def setUp(self):
        self.module = types.ModuleType("fake_clone")
        self.module.solver, self.module.SUFFIX = solver, "Answer: \\boxed{"
        sys.modules["fake_clone"] = self.module
        self.addCleanup(sys.modules.pop, "fake_clone")

    def refused(self, *words, **changes):
        with self.assertRaises(tool.ExportError) as refusal:
            tool.export(recipe(**changes))
        for word in words:
            self.assertIn(word, str(refusal.exception))

    def one(self, function, *kinds, **arguments):
        """A recipe with one prompt by another function."""
        self.module.solver = function
        entry = {"agent": "solver", "kinds": kinds, "rounds": "every", "call": "fake_clone:solver"}
        return {"prompts": [entry | {"arguments": {"question": "$question"} | arguments}]}

    def test_every_prompt_comes_back_byte_for_byte(self):
        catalogue = tool.export(recipe())
        questions = ["Why?", "Pick\nA. x\nB. y", "Pick\nA. x\n\nChoose the correct option ", "{question} {final}?"]
        for prompt in catalogue["prompts"]:
            kind = prompt["kinds"][0]
            for question in questions:
                for task_type, name in (("function", "f"), ("function", None), ("complete", None)):
                    expected = tool.call(recipe()["prompts"][0], recipe(), kind, question, task_type, name)[1]
                    found = tool.compose(catalogue, prompt, kind, question, task_type, name, tool.MARKERS["sequential"])
                    if kind != "choice" or question == question.rstrip():
                        self.assertEqual(expected, found)

    def test_places_and_parts(self):
        catalogue = tool.export(recipe())
        by_kind = {prompt["kinds"][0]: prompt for prompt in catalogue["prompts"]}
        self.assertEqual(["Fake solver", "{slot:refined}", "{question}", "{final}"], by_kind["math"]["user"])
        self.assertEqual(["Fake solver", "{question:choice}", "Letter in a box"], by_kind["choice"]["user"])
        self.assertEqual(["Fake solver", "{interface}", "{question}", "{slot:refined}", "Block please"], by_kind["code"]["user"])
        self.assertEqual("\nBox 1", catalogue["parts"]["final.box"])
        self.assertEqual("only `{function}`", catalogue["parts"]["interface.function"])
        self.assertEqual("Pick a letter", catalogue["parts"]["choice"])
        self.assertEqual(["Sys", "Other system", "Default system"], [catalogue["systems"][by_kind[kind]["system"]] for kind in ("math", "choice", "code")])
        self.assertEqual({"math": "Answer: \\boxed{", "choice": "Letter: "}, catalogue["answer_pass"])

    def test_what_a_catalogue_cannot_hold_is_refused(self):
        self.refused("solver, math, every", "2 times", **self.one(lambda question: question + " and again " + question, "math"))

    def test_text_that_looks_like_a_place_is_refused(self):
        for text in ("{question}", "{final}", "{anything}", "{slot:plan}"):
            self.refused("solver, math, every", text, **self.one(lambda question: f"{question}\nsay {text}", "math"))
        catalogue = tool.export(recipe(**self.one(lambda question: question + "\n\\boxed{} {A} {a b}", "math")))
        self.assertEqual(["{question}", "\\boxed{} {A} {a b}"], catalogue["prompts"][0]["user"])

    def test_a_slot_between_question_and_final_instruction_stays_in_the_prompt(self):
        def question_first(question):
            return f"Solver\n{question}\n\nPlan:\n<<LATENT_REFINED_SLOT>>\n" + ("Letter" if lettered(question) else "Number\nof it")

        catalogue = tool.export(recipe(**self.one(question_first, "math")))
        self.assertEqual(["Solver", "{question}", "", "Plan:", "{slot:refined}", "{final}"], catalogue["prompts"][0]["user"])
        self.assertEqual({"final.box": "Number\nof it", "final.letter": "Letter"}, catalogue["parts"])

    def test_each_end_keeps_a_line(self):
        catalogue = tool.export(recipe(**self.one(lambda question: question + ("\nBox" if lettered(question) else "\nBox\nit"), "math")))
        self.assertEqual({"final.box": "Box\nit", "final.letter": "Box"}, catalogue["parts"])

    def test_a_slot_within_a_part_is_refused(self):
        def slot_last(question):
            return question + ("\nLetter" if lettered(question) else "\nNumber") + "\n<<LATENT_REFINED_SLOT>>"

        self.refused("solver, math, every", "<<LATENT_REFINED_SLOT>>", **self.one(slot_last, "math"))

    def test_a_free_question_is_exported_if_letters_change_nothing(self):
        free = self.one(lambda question, word: f"{word}\n{question}\nas you like", "free", word="$kind")
        prompt = tool.export(recipe(**free, kind_words={"free": "reasoning"}))["prompts"][0]
        self.assertEqual((["free"], ["reasoning", "{question}", "as you like"]), (prompt["kinds"], prompt["user"]))
        self.refused("solver, free, every", "lettered", **self.one(lambda question: question + ("\nLetter" if lettered(question) else ""), "free"))

    def test_an_answer_pass_and_a_system_text_may_be_made_by_a_function(self):
        self.module.suffix = lambda: "Code:\n"
        catalogue = tool.export(recipe(system="fake_clone:suffix", answer_pass={"code": "fake_clone:suffix"}))
        self.assertEqual("Code:\n", catalogue["answer_pass"]["code"])
        self.assertIn("Code:\n", catalogue["systems"].values())
        self.module.suffix = lambda: 7
        self.refused("fake_clone:suffix", "int", answer_pass={"code": "fake_clone:suffix"})
        self.module.suffix = lambda needed: ""
        self.refused("fake_clone:suffix(needed)", "TypeError", answer_pass={"code": "fake_clone:suffix"})

    def test_an_object_with_attributes_can_be_an_argument(self):
        def with_object(question, args):
            return f"{question}\n{args.mode}{args.inner.about == question}"

        arguments = {"args": {"$object": {"mode": 2, "inner": {"$object": {"about": "$question"}}}}}
        self.assertEqual(["{question}", "2True"], tool.export(recipe(**self.one(with_object, "math", **arguments)))["prompts"][0]["user"])

    def test_errors_of_the_clone_name_the_prompt_and_the_signature(self):
        def picky(question, mode="a"):
            raise ValueError(f"no mode {mode}")

        self.refused("solver, math, every", "fake_clone:solver(question)", "unexpected", **self.one(lambda question: question, "math", colour="red"))
        self.refused("fake_clone:solver(question, mode='a')", "ValueError: no mode a", **self.one(picky, "math"))
        self.refused("fake_clone:solver", "NoneType", **self.one(lambda question: None, "math"))
        self.refused("fake_clone:SUFFIX", "not callable", prompts=[recipe()["prompts"][0] | {"call": "fake_clone:SUFFIX"}])
        self.refused("fake_clone:salver", "--list fake_clone", prompts=[recipe()["prompts"][0] | {"call": "fake_clone:salver"}])
        self.refused("no_such_module", "root of the clone", system="no_such_module:SYSTEM")

    def test_a_recipe_with_a_fault_is_refused(self):
        prompt = recipe()["prompts"][0]
        self.refused("rounds", prompts=[{key: value for key, value in prompt.items() if key != "rounds"}])
        self.refused("'maths'", "math, choice, code, free", prompts=[prompt | {"kinds": ["maths"]}])
        self.refused("'second'", "later", prompts=[prompt | {"rounds": "second"}])
        with self.assertRaises(tool.ExportError):
            tool.export({"prompts": []})


def made_up(name, **changes):
    """A recipe of ours; the fingerprints of the answer passes are those of the made-up clone."""
    passes = dict(RECIPES[name]["answer_pass"])
    for kind, text in (("math", NUMBER), ("choice", LETTER)):
        passes[kind] = f"{passes[kind].partition('#')[0]}#{tool.fingerprint(text)}"
    return RECIPES[name] | {"answer_pass": passes} | changes


def asked(recipe):
    """Every prompt of a recipe for some questions, by a call of the clone's own function: (entry, kind, (question, task type, function), (system, user))."""
    named, unnamed, program = ("function", "f"), ("function", None), ("complete", None)
    questions = {
        "math": [("Why {final}?\nSo <<LATENT_PLANNER_SLOT>>", *unnamed), ("Pick\n b ) x", *unnamed)],
        "choice": [("Pick\nA. x\nB. y \n", *unnamed), ("Choose the correct option\nA. x", *unnamed)],
        "code": [("Add\nA. numbers", *named), ("Add", *unnamed), ("Add", *program)],
        "free": [("Why?\nA. so", *unnamed)],
    }
    for entry in recipe["prompts"]:
        for kind in entry["kinds"]:
            for question in [*questions[kind], *(sample[1:] for sample in tool.SAMPLES.values() if sample[0] == kind)]:
                # Sequential ends by the look of the question; a catalogue takes every question of this kind for a lettered one.
                if kind != "choice" or lettered(question[0]):
                    yield entry, kind, question, tool.call(entry, recipe, kind, *question)


class RecipeTests(unittest.TestCase):
    """The recipes, run in a made-up clone, with its fingerprints in place of the real ones."""

    def setUp(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(CLONE)
        before, modules, self.writes = list(sys.path), set(sys.modules), sys.dont_write_bytecode
        sys.dont_write_bytecode = True
        sys.path.insert(0, ".")

        def forget():
            sys.path[:], sys.dont_write_bytecode = before, self.writes
            for name in set(sys.modules) - modules:
                del sys.modules[name]

        self.addCleanup(forget)
        prompts = importlib.import_module("prompts")
        self.replace("FINGERPRINTS", self.fingerprints())
        self.replace("GENERIC_SYSTEM", tool.fingerprint(prompts.SYSTEM_PROMPT))
        self.replace("TOOL_SYSTEM", tool.fingerprint(prompts.DELIBERATION_SYSTEM_PROMPT))
        self.replace("ANSWER_PASS", {"math": tool.fingerprint(NUMBER), "choice": tool.fingerprint(LETTER), "code": tool.fingerprint(BLOCK)})

    def replace(self, name, value):
        self.addCleanup(setattr, tool, name, getattr(tool, name))
        setattr(tool, name, value)

    @staticmethod
    def fingerprints():
        rows = ["header"]
        for recipe in RECIPES.values():
            hashes = {}
            for entry in recipe["prompts"]:
                for name, (kind, *question) in tool.SAMPLES.items():
                    if kind in entry["kinds"]:
                        hashes.setdefault((entry["agent"], entry["rounds"]), {})[name] = tool.fingerprint(tool.call(entry, recipe, kind, *question)[1])
            rows += [" ".join([tool.catalogue_name(recipe), *key, *(row[name] for name in tool.SAMPLES)]) for key, row in hashes.items()
                     if "variant" not in recipe or key[0] == "solver"]
        return "\n".join(rows)

    def run_tool(self, recipe):
        """Exit code, catalogue and messages."""
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()) as messages:
            path, output = pathlib.Path(folder, "recipe.json"), pathlib.Path(folder, "prompts.json")
            path.write_text(json.dumps(recipe) if isinstance(recipe, dict) else recipe, "utf-8")
            code = tool.main([str(path), "-o", str(output)])
            return code, output.read_text("utf-8") if output.exists() else None, messages.getvalue()

    def test_every_recipe_exports_all_texts(self):
        for name, count in (("sequential", 43), ("sequential-letter-only", 43), ("sequential-question-first", 43),
                            ("mixture", 73), ("distillation", 33), ("deliberation", 33)):
            code, text, messages = self.run_tool(made_up(name))
            self.assertEqual((0, f"{count} equal, 0 differ, 0 missing\n"), (code, messages), name)
            catalogue = json.loads(text)
            self.assertEqual(f"reference-{name}", catalogue["name"])
            self.assertEqual({"math": NUMBER, "choice": LETTER, "code": BLOCK}, catalogue["answer_pass"])
            for entry, kind, question, (_, user) in asked(RECIPES[name]):
                prompt = next(p for p in catalogue["prompts"] if p["agents"] == [entry["agent"]] and p["kinds"] == [kind] and p["rounds"] == entry["rounds"])
                self.assertEqual(user, tool.compose(catalogue, prompt, kind, *question, tool.MARKERS[catalogue["name"].split("-")[1]]))
        self.assertEqual(6, len(RECIPES))

    def test_the_catalogues_that_the_library_is_tested_with_are_those_of_today(self):
        files = {f"{name}.prompts.json": self.run_tool(made_up(name))[1] for name in RECIPES}
        rows = [{"catalogue": name, "agent": entry["agent"], "rounds": entry["rounds"], "kind": kind, "question": question, "program": task_type == "complete",
                 "function": function, "slots": tool.MARKERS[recipe["style"]], "user": user}
                for name, recipe in RECIPES.items() for entry, kind, (question, task_type, function), (_, user) in asked(recipe)]
        files["filled.jsonl"] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if os.environ.get("UPDATE_EXPORTED"):
            EXPORTED.mkdir(exist_ok=True)
            for name, text in files.items():
                (EXPORTED / name).write_text(text, "utf-8")
        self.assertEqual(sorted(files), sorted(path.name for path in EXPORTED.iterdir()))
        for name, text in files.items():
            self.assertEqual(text, (EXPORTED / name).read_text("utf-8"), f"{name} is not what the exporter writes: UPDATE_EXPORTED=1")

    def test_what_a_recipe_leaves_out_is_missing(self):
        prompts = RECIPES["mixture"]["prompts"]
        code, text, messages = self.run_tool(made_up("mixture", prompts=prompts[1:]))
        self.assertEqual(2, code)
        self.assertIn("63 equal, 0 differ, 6 missing", messages)
        self.assertIn("  missing: math, code (unnamed), first\n", messages)
        self.assertIsNotNone(text)
        self.assertIn("answer pass, code", self.run_tool(made_up("mixture", answer_pass={}))[2])

    def test_wrong_rounds_are_missing(self):
        prompts = [entry | ({"rounds": "first"} if entry["agent"] == "summarizer" else {}) for entry in RECIPES["mixture"]["prompts"]]
        code, _, messages = self.run_tool(made_up("mixture", prompts=prompts))
        self.assertEqual(2, code)
        self.assertIn("  missing: summarizer, math, every\n", messages)

    def test_other_texts_differ(self):
        other_calls = [entry | {"call": entry["call"].replace("math_refiner", "reasoning_refiner")} for entry in RECIPES["sequential"]["prompts"]]
        for change, named in (
            ({"system": "=wrong"}, "critic, code, every: system turn"),
            ({"system": "prompts:DELIBERATION_SYSTEM_PROMPT"}, "planner, free, later: system turn"),
            ({"answer_pass": made_up("sequential")["answer_pass"] | {"choice": "=" + NUMBER}}, "answer pass, choice"),
            ({"prompts": other_calls}, "critic, math, every"),
        ):
            code, _, messages = self.run_tool(made_up("sequential", **change))
            self.assertEqual(2, code)
            self.assertIn(f"  differ: {named}\n", messages)
            self.assertIn(" 0 missing", messages)

    def test_a_variant_has_fingerprints_of_its_own(self):
        code, text, messages = self.run_tool(made_up("sequential", variant="letter-only"))
        self.assertEqual((2, "reference-sequential-letter-only"), (code, json.loads(text)["name"]))
        self.assertIn("  differ: solver, choice, every\n", messages)
        code, _, messages = self.run_tool(made_up("sequential", variant="loud"))
        self.assertEqual(1, code)
        self.assertIn("'sequential-loud'", messages)

    def test_a_text_without_a_name_is_found_by_its_fingerprint(self):
        for file, word in (("inference_mas.py", "no text in"), ("nowhere.py", "root of the clone")):
            code, text, messages = self.run_tool(made_up("sequential", answer_pass={"math": f"inference_utils/{file}#0000000000000000"}))
            self.assertEqual((1, None), (code, text))
            self.assertIn(word, messages)

    def test_faults_end_with_a_sentence(self):
        for recipe in ("{", {"style": "sequential"}, made_up("sequential", system="prompts:NOTHING"), made_up("sequential", prompts=[{"agent": "planner"}])):
            code, text, messages = self.run_tool(recipe)
            self.assertEqual((1, None), (code, text))
            self.assertRegex(messages, r"\Aexport-prompts: .+\n\Z")

    def test_a_list_shows_what_the_module_defines(self):
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            self.assertEqual(0, tool.main(["--list", "prompts"]))
        self.assertIn("prompts:build_math_planner_prompt(question)\n", shown.getvalue())
        self.assertIn("prompts:SYSTEM_PROMPT  (9 characters)\n", shown.getvalue())
        self.assertNotIn("dataclass", shown.getvalue())
        with contextlib.redirect_stderr(io.StringIO()) as messages:
            self.assertEqual(1, tool.main(["--list", "no_such_module"]))
        self.assertIn("no_such_module", messages.getvalue())

    def test_the_recipes_hold_no_wording(self):
        for name, recipe in RECIPES.items():
            self.assertFalse([text for text in (recipe["system"], *recipe["answer_pass"].values()) if text.startswith("=")], name)


if __name__ == "__main__":
    unittest.main()
