"""Makes folders of models in real shapes with random weights, bfloat16: what they write means nothing, the work is real.

Usage: make-models.py TARGET TOKENIZER_FOLDER
"""

import os
import shutil
import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

SHAPES = {
    # As SmolLM2-135M.
    "llama-135m": (LlamaForCausalLM, LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3,
        max_position_embeddings=8192, rope_parameters={"rope_type": "default", "rope_theta": 100000.0}, rms_norm_eps=1e-5, tie_word_embeddings=True)),
    # As Qwen3-1.7B.
    "qwen3-1.7b": (Qwen3ForCausalLM, Qwen3Config(
        vocab_size=151936, hidden_size=2048, intermediate_size=6144, num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=8, head_dim=128,
        max_position_embeddings=40960, rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}, rms_norm_eps=1e-6, tie_word_embeddings=True)),
}

whole, tokenizer = sys.argv[1:]
target = whole + ".part"
shutil.rmtree(target, ignore_errors=True)
torch.manual_seed(1)
for name, (model_type, config) in SHAPES.items():
    config.dtype = torch.bfloat16
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = model_type(config)
    folder = os.path.join(target, name)
    model.save_pretrained(folder, max_shard_size="100GB")
    for file in os.listdir(tokenizer):
        shutil.copy(os.path.join(tokenizer, file), folder)
    print(f"{folder}: {sum(p.numel() for p in model.parameters()) / 1e6:.0f} M weights", flush=True)
os.rename(target, whole)
