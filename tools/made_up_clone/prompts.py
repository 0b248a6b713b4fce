"""Made-up prompts in the shape of those that export-prompts.py is for: its functions have the same names and arguments, and other words."""
import re
from dataclasses import dataclass  # An imported function, which --list must not show.

from inference_utils.tool_notes import TOOLS

SYSTEM_PROMPT = "You help."
DELIBERATION_SYSTEM_PROMPT = TOOLS
NUMBER, LETTER, BLOCK = "End with \\boxed{7}.", "End with \\boxed{B}.", "End with one fence: ```python\\n...\\n```"


def interface(task_type, fn_name):
    if task_type in ("function", "functional"):
        return f"Just write `{fn_name}`." if fn_name else "Just write what is asked for."
    return "Write a program from input to output."


def is_lettered(question):
    return re.search(r"(?mi)^\s*[A-D]\s*[.):\-]\s+", question) is not None


def task(question, mas_task, task_type, fn_name):
    if mas_task == "code":
        return f"{interface(task_type, fn_name)}\nTo program:\n{question}\n"
    if mas_task == "choice":
        question = question.rstrip()
        if "choose the correct option" not in question.lower():
            question += "\n\nPlease choose the correct option."
    return f"Here it is.\nAsked:\n{question}\n"


def ending(question, mas_task):
    if mas_task == "reasoning":
        return "End as you like."
    return BLOCK if mas_task == "code" else LETTER if mas_task == "choice" or is_lettered(question) else NUMBER


def build_math_planner_prompt(question):
    return f"Planner.\nAsked:\n{question}\nPlan:\n1 ...\nn ..."


def build_math_planner_prompt_with_feedback_slot(question):
    return f"Planner again.\nAsked:\n{question}\nBefore:\n<<LATENT_FEEDBACK_SLOT>>\nPlan anew:\n1 ...\nn ..."


def build_math_refiner_prompt_with_slot(question):
    return f"Refiner.\nAsked:\n{question}\nThe plan:\n<<LATENT_PLANNER_SLOT>>\nA better one:\n1 ...\nn ..."


def build_math_solver_prompt_with_slots(question, args=None, mas_shape="chain"):
    short = args is not None and args.choice_old_prompt == 2 and is_lettered(question)
    final = "Letter: in a box, like \\boxed{B}." if short else ending(question, "math")
    if args is not None and args.solver_pre_question == 1:
        return f"Solver.\nAsked:\n{question}\nThe plan:\n<<LATENT_REFINED_SLOT>>\n{final}"
    return f"Solver.\nThe plan:\n<<LATENT_REFINED_SLOT>>\nAsked:\n{question}" + ("\n" if short else "\n\n") + final


def build_code_planner_prompt(question, task_type, fn_name=None):
    return f"Code planner.\n{interface(task_type, fn_name)}\nTo program:\n{question}\nNo code yet.\n1 ...\nn ..."


def build_code_planner_prompt_with_feedback_slot(question, task_type, fn_name=None):
    return f"Code planner again.\n{interface(task_type, fn_name)}\nTo program:\n{question}\nBefore:\n<<LATENT_FEEDBACK_SLOT>>\nNo code yet.\n1 ...\nn ..."


def build_code_refiner_prompt_with_slot(question, task_type, fn_name=None):
    return f"Code refiner.\n{interface(task_type, fn_name)}\n\n---\nTo program:\n{question}\nThe plan:\n<<LATENT_PLANNER_SLOT>>\nNo code yet.\n1 ...\nn ..."


def build_code_solver_prompt_with_slots(question, task_type, args=None, mas_shape="chain", fn_name=None):
    head = f"Code solver.\n{interface(task_type, fn_name)}\n"
    if args is not None and args.solver_pre_question == 1:
        return f"{head}\n---\nTo program:\n{question}\nThe plan:\n<<LATENT_REFINED_SLOT>>\n{BLOCK}"
    return f"{head}The plan:\n<<LATENT_REFINED_SLOT>>\n\n---\nTo program:\n{question}\n{BLOCK}"


def build_reasoning_planner_prompt(question):
    return f"Free planner.\nAsked:\n{question}\nOutline it."


def build_reasoning_planner_prompt_with_feedback_slot(question):
    return f"Free planner again.\nAsked:\n{question}\nBefore:\n<<LATENT_FEEDBACK_SLOT>>\nOutline it anew."


def build_reasoning_refiner_prompt_with_slot(question):
    return f"Free refiner.\nAsked:\n{question}\nThe outline:\n<<LATENT_PLANNER_SLOT>>\nA better one."


def build_reasoning_solver_prompt_with_slots(question, args=None, mas_shape="chain"):
    return f"Free solver.\nThe outline:\n<<LATENT_REFINED_SLOT>>\nAsked:\n{question}\n\nEnd as you like."


def build_hie_expert_prompt(question, hie_role, mas_task="math", task_type="complete", fn_name=None):
    return f"Expert {hie_role.upper()}.\n{task(question, mas_task, task_type, fn_name)}"


def build_hie_expert_prompt_with_feedback_slot(question, hie_role, mas_task="math", task_type="complete", fn_name=None):
    return f"Expert {hie_role.upper()} again.\nBefore:\n<<HIE_FEEDBACK_SLOT>>\n{task(question, mas_task, task_type, fn_name)}"


def build_hie_summarizer_prompt_with_slots(question, mas_task="math", task_type="complete", fn_name=None):
    signals = "Math:\n<<HIE_MATH_EXPERT_SLOT>>\nCode:\n<<HIE_CODE_EXPERT_SLOT>>\nScience:\n<<HIE_SCIENCE_EXPERT_SLOT>>\n---\n"
    return f"Summarizer.\n{signals}{task(question, mas_task, task_type, fn_name)}{ending(question, mas_task)}"


def build_distill_expert_prompt(question, mas_task="math", task_type="complete", fn_name=None):
    return f"Expert.\n{task(question, mas_task, task_type, fn_name)}A plan:\n1 ...\nn ..."


def build_distill_expert_prompt_with_feedback_slot(question, mas_task="math", task_type="complete", fn_name=None):
    return f"Expert again.\nBefore:\n<<DISTILL_FEEDBACK_SLOT>>\n{task(question, mas_task, task_type, fn_name)}A new plan:\n1 ...\nn ..."


def build_distill_learner_prompt_with_slot(question, mas_task="math", task_type="complete", fn_name=None):
    return f"Learner.\nThe plan:\n<<DISTILL_EXPERT_SLOT>>\n---\n{task(question, mas_task, task_type, fn_name)}{ending(question, mas_task)}"


def build_deliberation_reflector_prompt(question, mas_task="math", task_type="complete", fn_name=None):
    return f"Reflector.\n{task(question, mas_task, task_type, fn_name)}"


def build_deliberation_reflector_prompt_with_feedback_slot(question, mas_task="math", task_type="complete", fn_name=None):
    return f"Reflector again.\nBefore:\n<<DELIBERATION_FEEDBACK_SLOT>>\n{task(question, mas_task, task_type, fn_name)}"


def build_deliberation_toolcaller_prompt_with_slot(question, mas_task="math", task_type="complete", fn_name=None):
    return f"Caller.\nThe signal:\n<<DELIBERATION_REFLECTOR_SLOT>>\n---\n{task(question, mas_task, task_type, fn_name)}{ending(question, mas_task)}"
