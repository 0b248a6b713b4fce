#!/usr/bin/env bash
# Builds the documentation site, after the libraries: the pages of the repository, and the reference from their XML documentation. What its builder warns of is
# a fault: a page that is missing, a member that does not exist. Links to files of the repository that are no pages are none.
# Usage: eng/docs.sh [FOLDER that receives the site]
set -euo pipefail
site=$(realpath -m "${1:-"$(dirname "$0")/../TestResults/site"}")
cd "$(dirname "$0")/.."
work=$PWD/TestResults/docs
rm -rf "$work" "$site"
mkdir -p "$work/libraries"
cp --parents -t "$work" README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md THIRD-PARTY-NOTICES.md LICENSE eng/package/icon.png docs/*.md docs/toc.yml \
    samples/README.md benchmarks/results/*.md
cp docs/docfx.json "$work"
cp -r --parents -t "$work" docs/site
# The first page stands above the others.
sed -E 's#\(([a-z-]+\.md)\)#(docs/\1)#; s#\(\.\./#(#g; s#\]\(([a-z-]+\.md)\)#](docs/\1)#g' docs/index.md >"$work/index.md"
rm "$work/docs/index.md"
# Pages that the table of contents does not name yet come at its end.
for page in "$work"/docs/*.md; do
    grep -q "href: ${page##*/}\$" "$work/docs/toc.yml" || printf -- '- name: "%s"\n  href: %s\n' "$(sed -n 's/^# //p;T;q' "$page")" "${page##*/}" >>"$work/docs/toc.yml"
done
cat >"$work/toc.yml" <<END
- { name: First question, href: README.md }
- { name: Documentation, href: docs/ }
- { name: Reference, href: api/ }
END
for project in RecursiveMas.*/; do
    project=${project%/}
    [ "$project" = RecursiveMas.Tool ] || cp "$project"/bin/Debug/net10.0/"$project".{dll,xml} "$work/libraries/"
done
# What their signatures name.
held=$(dotnet nuget locals global-packages --list)
find "${held#*: }" \( -path '*/torchsharp/*/lib/net*/TorchSharp.dll' -o -path '*/microsoft.ml.tokenizers/*/lib/net8.0/*.dll' \
    -o -path '*/microsoft.extensions.*/lib/net10.0/*.dll' \) -exec cp -n {} "$work/libraries/" \;
dotnet tool restore >/dev/null
log=$work/log
dotnet docfx "$work/docfx.json" -o "$site" --logLevel warning >"$log" 2>&1 || { tail -20 "$log"; exit 1; }
faults=0
while read -r line; do
    link=$(sed -nE 's/.*InvalidFileLink.*\(~\/([^)#]*).*/\1/p' <<<"$line")
    [ -n "$link" ] && [ -e "$link" ] && continue
    echo "$line"
    faults=1
done < <(grep -E 'warning|error' "$log" | grep -vE 'InvalidAssemblyReference|[0-9]+ (warning|error)\(s\)|^Build succeeded' | sort -u)
echo "$(find "$site" -name '*.html' | wc -l) pages"
exit $faults
