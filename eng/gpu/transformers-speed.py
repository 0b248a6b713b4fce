"""The figures of the benchmark's `device` part by Hugging Face transformers: generate as a user calls it, greedy, sdpa.

Usage: transformers-speed.py FOLDER float32|bfloat16
"""

import statistics
import sys
import time

import torch
import transformers

PROMPT, THOUGHTS, CONTEXT, TOKENS = 512, 48, 256, 32

folder, dtype = sys.argv[1:]
transformers.logging.set_verbosity_error()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), attn_implementation="sdpa").cuda().eval()
model.generation_config.eos_token_id = None
model.generation_config.pad_token_id = 0


def median(runs, action):
    action()
    times = []
    for _ in range(runs):
        torch.cuda.synchronize()
        start = time.perf_counter()
        action()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def say(what, figures):
    print(f"{dtype}\t{what}\t{figures}", flush=True)


def ids(rows, length):
    return ((torch.arange(length) % 1000) + 20).repeat(rows, 1).cuda()


def write(rows, tokens):
    prompt = ids(rows, CONTEXT)
    model.generate(prompt, attention_mask=torch.ones_like(prompt), min_new_tokens=tokens, max_new_tokens=tokens, do_sample=False)


def think():
    """The latent rollout with transformers' own cache; a linear layer stands for the inner link."""
    past, step = None, model.get_input_embeddings()(ids(1, PROMPT))
    for _ in range(THOUGHTS):
        out = model.model(inputs_embeds=step, past_key_values=past, use_cache=True)
        past, step = out.past_key_values, link(out.last_hidden_state[:, -1:])


with torch.inference_mode():
    link = torch.nn.Linear(model.config.hidden_size, model.config.hidden_size, device="cuda", dtype=model.dtype)
    for rows in (1, 8, 32):
        step = (median(2, lambda: write(rows, TOKENS + 1)) - median(2, lambda: write(rows, 1))) / TOKENS
        say(f"decode of {rows} rows after {CONTEXT} positions", f"{rows / step:.0f} tokens/s, {step * 1e3:.2f} ms a step")
    read = median(5, lambda: model.model(ids(1, PROMPT)))
    say(f"prefill of {PROMPT}", f"{PROMPT / read:.0f} tokens/s, {read * 1e3:.2f} ms")
    say(f"rollout, {PROMPT} + {THOUGHTS}", f"{median(2, think) * 1e3:.0f} ms")
