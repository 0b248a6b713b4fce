#!/usr/bin/env bash
# Makes everything that is published: packages, symbols, and bills of materials in the format CycloneDX.
# Usage: eng/pack.sh FOLDER [further arguments of dotnet pack, for example -p:Version=0.1.0-preview.2 -p:RepositoryUrl=https://github.com/OWNER/recursivemas]
# Without RepositoryUrl, the address of the repository and the links to sources are those of the clone's remote "origin".
set -euo pipefail
folder=$(realpath -m "${1:?"Name the folder that receives the packages"}")
shift
cd "$(dirname "$0")/.."
dotnet pack eng/Packages.proj -c Release -v q -o "$folder" -p:ContinuousIntegrationBuild=true "$@"
version=$(cd "$folder" && ls -t RecursiveMas.Checkpoints.*.nupkg | sed -n '1s/^RecursiveMas.Checkpoints.\(.*\).nupkg$/\1/p')
dotnet tool restore >/dev/null
for project in RecursiveMas RecursiveMas.Tool; do
    dotnet dotnet-CycloneDX "$project/$project.csproj" -o "$folder" -fn "$project.cdx.json" -F Json -sn "$project" -sv "$version" -st Library \
        --include-project-references --disable-package-restore >/dev/null
    echo "$folder/$project.cdx.json"
done
