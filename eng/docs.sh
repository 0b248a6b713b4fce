#!/usr/bin/env bash
# Builds the documentation site, after the libraries: pages of docs/, and the reference from their XML documentation. Any warning of its builder is a fault.
# Usage: eng/docs.sh [FOLDER that receives the site]
set -euo pipefail
site=$(realpath -m "${1:-"$(dirname "$0")/../TestResults/site"}")
cd "$(dirname "$0")/.."
work=$PWD/TestResults/docs
rm -rf "$work" "$site"
mkdir -p "$work/libraries"
for project in RecursiveMas.*/; do
    project=${project%/}
    [ "$project" = RecursiveMas.Tool ] || cp "$project"/bin/Debug/net10.0/"$project".{dll,xml} "$work/libraries/"
done
# What their signatures name.
for output in RecursiveMas.*/bin/Debug/net10.0; do
    cp -n "$output"/*.dll "$work/libraries/" 2>/dev/null || true
done
held=$(dotnet nuget locals global-packages --list)
find "${held#*: }" \( -path '*/torchsharp/*/lib/net*/TorchSharp.dll' -o -path '*/microsoft.ml.tokenizers/*/lib/net8.0/*.dll' \
    -o -path '*/microsoft.extensions.*/10.*/lib/net10.0/*.dll' \) -exec cp -n {} "$work/libraries/" \;
dotnet tool restore >/dev/null
dotnet docfx docs/docfx.json -o "$site" --logLevel warning --warningsAsErrors
rm -rf "$work"
echo "$(find "$site" -name '*.html' | wc -l) pages"
