#!/usr/bin/env bash
# Publishes QuickStart as one file that holds the native libraries, and asks it a question from a folder where nothing else lies.
# Usage: bash eng/single-file.sh [further arguments of dotnet publish, for example -c Debug]
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet publish samples/QuickStart -v q -o "$work/published" -p:SingleFile=true "$@"
left=$(find "$work/published" -name '*.so*' -o -name '*.dll')
[ -z "$left" ] || { printf 'libraries were left beside the file:\n%s\n' "$left"; exit 1; }
mkdir "$work/alone"
mv "$work/published/QuickStart" "$work/alone/"
cd "$work/alone"
answer=$(DOTNET_BUNDLE_EXTRACT_BASE_DIR="$work/extracted" ./QuickStart "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?")
grep -qF 'boxed{13}' <<<"$answer" || { echo "the answer is wrong: $answer"; exit 1; }
echo "one file of $(($(stat -c %s QuickStart) / 1000000)) MB answers"
