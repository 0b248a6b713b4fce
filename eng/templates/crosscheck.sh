#!/usr/bin/env bash
# Makes random templates and what Jinja2 renders from them, for the tests to compare (CrossCheckTests).
# Usage: eng/templates/crosscheck.sh [COUNT, default 5000] [SEED]
set -euo pipefail
cd "$(dirname "$0")/../.."
python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import jinja2; assert jinja2.__version__ >= "3.1"' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    apt-get update -qq && apt-get install -y -qq python3-jinja2 >/dev/null
    python=/usr/bin/python3
fi
mkdir -p artifacts/templates
"$python" -W ignore eng/templates/crosscheck.py artifacts/templates/crosscheck.jsonl "${1:-5000}" ${2:+"$2"}
