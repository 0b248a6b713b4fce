def build_code_reparse_suffix():
    return "That was no code.\n```python\n"
