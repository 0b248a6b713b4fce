"""Tests of export-prompts.py against a made-up module. Run: python3 -m unittest discover tools"""
import importlib.util
import pathlib
import sys
import types
import unittest

SPEC = importlib.util.spec_from_file_location("export_prompts", pathlib.Path(__file__).with_name("export-prompts.py"))
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


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
    def setUp(self):
        module = types.ModuleType("fake_clone")
        module.solver, module.SUFFIX = solver, "Answer: \\boxed{"
        sys.modules["fake_clone"] = module

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
        sys.modules["fake_clone"].solver = lambda question, **rest: question + " and again " + question
        with self.assertRaises(tool.ExportError):
            tool.export(recipe())

    def test_other_wording_differs_from_the_fingerprints(self):
        equal, different = tool.verify(tool.export(recipe()), "sequential")
        self.assertEqual((0, 4), (len(equal), len(different)))


if __name__ == "__main__":
    unittest.main()
