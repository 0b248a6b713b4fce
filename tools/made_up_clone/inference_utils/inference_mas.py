import a_package_that_is_not_installed  # This file is read, never run.


def ask_again(is_choice):
    return "My letter: \\boxed{" if is_choice else "My number: \\boxed{"
