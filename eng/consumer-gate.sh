#!/usr/bin/env bash
# Packs the libraries and uses them as a stranger would: an application outside of the repository restores them from a folder and asks a question, as it is
# built, in one file, trimmed, and without libtorch.
# Usage: eng/consumer-gate.sh [further arguments of dotnet pack, for example -c Debug --no-build]
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD started=$SECONDS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A version that no cache holds yet.
version=0.1.0-gate.$(date +%s)
step() { printf -- '-- %s (%d s)\n' "$1" $((SECONDS - started)); }
fail() { echo "$1"; exit 1; }

step "packages"
address=https://github.com/owner/recursivemas commit=$(git rev-parse HEAD)
dotnet pack eng/Packages.proj -v q -clp:NoSummary -o "$work/packages" -p:Version="$version" -p:RepositoryUrl="$address" "$@"
python3 eng/package/check.py "$work/packages" "$repository" "$address" "$commit"

step "symbols"
# One library is enough to see that sources are found by commit and that nothing tells where the clone lay.
dotnet build RecursiveMas.Checkpoints -v q -c Release -o "$work/symbols" -p:ContinuousIntegrationBuild=true \
    -p:RepositoryUrl="$address" >/dev/null
pdb="$work/symbols/RecursiveMas.Checkpoints.pdb"
grep -aqF "githubusercontent.com/owner/recursivemas/$commit" "$pdb" || fail "the symbols do not lead to the sources"
! grep -aqF "$repository" "$pdb" "${pdb%.pdb}.dll" || fail "the binaries tell where the clone lay"

cp -r eng/consumer "$work/consumer"
cd "$work/consumer"
cat >nuget.config <<END
<configuration>
  <packageSources><add key="gate" value="$work/packages" /></packageSources>
</configuration>
END
# The packages under test are unpacked here; what the machine holds of others is not copied.
held=$(dotnet nuget locals global-packages --list)
settings=(-v q -clp:NoSummary -p:RecursiveMasVersion="$version" -p:RestorePackagesPath="$work/unpacked" -p:RestoreFallbackFolders="${held#*: }")
unset RECURSIVEMAS_LIBTORCH
answers() {
    local said
    said=$("$@") || fail "the application failed: $said"
    [ "$said" = 13 ] || fail "the answer is wrong: $said"
}

step "application"
dotnet build "${settings[@]}" -o "$work/built"
answers "$work/built/Consumer"

step "in one file"
dotnet publish "${settings[@]}" -o "$work/one" -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true
left=$(find "$work/one" -name '*.so*' -o -name '*.dll')
[ -z "$left" ] || fail "libraries were left beside the file: $left"
mkdir "$work/alone"
mv "$work/one/Consumer" "$work/alone/"
(cd "$work/alone" && DOTNET_BUNDLE_EXTRACT_BASE_DIR="$work/extracted" answers ./Consumer)
rm -rf "$work/one" "$work/alone" "$work/extracted"

step "trimmed"
# Warnings are errors: nothing of ours may depend on what trimming removes.
dotnet publish "${settings[@]}" -o "$work/trimmed" -p:PublishTrimmed=true -p:SelfContained=true -p:TrimmerSingleWarn=false
answers "$work/trimmed/Consumer"
echo "$(($(cat "$work"/trimmed/*.dll | wc -c) / 1000000)) MB of managed code"
rm -rf "$work/trimmed"

step "without libtorch"
rm -rf obj bin
dotnet build "${settings[@]}" -o "$work/lacking" -p:TorchNative=none
if said=$("$work/lacking/Consumer"); then fail "the application answered without libtorch: $said"; fi
[[ $said == NativeLibraryException:*"Add the package TorchSharp-cpu"* ]] || fail "this does not say what is missing: $said"
echo "$said"

step "command"
dotnet tool install RecursiveMas.Tool --tool-path "$work/tool" --source "$work/packages" --version "$version" >/dev/null
HF_HOME="$work/hub" "$work/tool/recursivemas" list | grep -q sequential_light || fail "the command does not list the systems"
step "done"
