#!/usr/bin/env bash
# Records the public API of every library (or of those named) in its PublicAPI.Unshipped.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
projects=("$@")
[ ${#projects[@]} -gt 0 ] || projects=(RecursiveMas.*/)
for project in "${projects[@]}"; do
    project=${project%/}
    file="$project/PublicAPI.Unshipped.txt"
    [ -f "$file" ] || continue
    printf '#nullable enable\n' >"$file"
    log=$(dotnet build "$project" --no-incremental -p:TreatWarningsAsErrors=false -clp:NoSummary 2>&1 || true)
    { printf '#nullable enable\n'
      # A build also reports what the projects below it lack.
      grep -F "/$project.csproj]" <<<"$log" | grep -oP "RS0016: Symbol '\K.*?(?=' is not part of the declared)" | LC_ALL=C sort -u; } >"$file.new" || true
    mv "$file.new" "$file"
    echo "$project: $(($(wc -l <"$file") - 1)) public symbols"
    grep -E 'error' <<<"$log" | sort -u | head -20 || true
done
