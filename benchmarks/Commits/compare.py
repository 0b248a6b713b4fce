#!/usr/bin/env python3
"""Compares this commit with an earlier one, in turn on one machine: questions a second of one caller and of several questions at once.

Usage: python3 benchmarks/Commits/compare.py EARLIER_COMMIT FOLDER_OF_A_REAL_MODEL [--pairs 5]
"""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECT = pathlib.Path("benchmarks/Commits")
# Name, questions at once, questions in all.
CASES = [("sequential_tiny", 1, 60), ("sequential_tiny", 16, 320), ("real model in all roles", 1, 4), ("real model in all roles", 8, 16)]


def build(root, *arguments):
    command = ["dotnet", "build", str(root / PROJECT), "-c", "Release", "-v", "q", "-p:RunAnalyzers=false", *arguments]
    subprocess.run(command, check=True, stdout=sys.stderr)


def ask(root, system, together, count):
    program = root / PROJECT / "bin/Release/net10.0/linux-x64/Commits.dll"
    done = subprocess.run(["dotnet", str(program), system, str(together), str(count)], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def compare(earlier, commit, model, pairs):
    print(f"| system | at once | {commit}, questions/s | now, questions/s | now / then, median | least | most |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, together, count in CASES:
        system = "tiny" if name == "sequential_tiny" else model
        runs = [(ask(earlier, system, together, count), ask(ROOT, system, together, count)) for _ in range(pairs)]
        ratios = [now / then for then, now in runs]
        then, now = (statistics.median(run[i] for run in runs) for i in (0, 1))
        print(f"| {name} | {together} | {then:.2f} | {now:.2f} | {statistics.median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        earlier = pathlib.Path(folder) / "earlier"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", "--quiet", earlier, given.commit], check=True)
        try:
            shutil.copytree(ROOT / PROJECT, earlier / PROJECT, ignore=shutil.ignore_patterns("bin", "obj"), dirs_exist_ok=True)
            # Until sessions came, many questions went in batches.
            batches = any("BatchSize" in path.read_text() for path in (earlier / "RecursiveMas.Styles").rglob("MasOptions.cs"))
            build(ROOT)
            build(earlier, *(["-p:DefineConstants=BATCHES"] if batches else []))
            compare(earlier, given.commit, str(given.model.resolve()), given.pairs)
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", earlier], check=True)


if __name__ == "__main__":
    main()
