#!/usr/bin/env bash
# Packs conformance checks and a benchmark for a machine that has a GPU, libtorch and python3, but neither .NET nor a network.
# Usage: bash eng/gpu/pack.sh [ARCHIVE, default artifacts/gpu/recursivemas-gpu.tar.xz] [--tokenizer FOLDER] [--no-goldens]
#   --tokenizer   a model's folder, of which tokenizer and template go along for the whole answers (default artifacts/models/smollm2-135m-instruct)
#   --no-goldens  leaves the golden data out, for a machine where RECURSIVEMAS_GOLDENS can name a checkout's tests/Goldens
# There: tar xJf ARCHIVE && recursivemas-gpu/run.sh RESULTS
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
archive=$root/artifacts/gpu/recursivemas-gpu.tar.xz tokenizer=$root/artifacts/models/smollm2-135m-instruct goldens="models layouts mas tiny"
while [ $# -gt 0 ]; do
    case $1 in
        --tokenizer) tokenizer=$2; shift 2 ;;
        --no-goldens) goldens=""; shift ;;
        *) archive=$(realpath -m "$1"); shift ;;
    esac
done
most=$((60 * 1024 * 1024))
[ -f "$tokenizer/tokenizer.json" ] || { echo "there is no tokenizer in $tokenizer; name a model's folder with --tokenizer" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack=$work/recursivemas-gpu
mkdir -p "$pack/tokenizer" "$pack/goldens" "$(dirname "$archive")"
for project in tests/RecursiveMas.Models.Tests tests/RecursiveMas.Styles.Tests tests/RecursiveMas.Conformance benchmarks/RecursiveMas.Benchmarks; do
    dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained true -p:DebugType=none -p:RunAnalyzers=false -v q -o "$pack/app"
done

# The machine's own libtorch takes part; of the runtime and of BenchmarkDotNet what none of the parts to be run needs stays here.
cd "$pack/app"
rm -rf runtimes createdump libtorch* libc10* libaoti* libshm* libgomp* libbackend_with_compiler* libjitbackend* libnnapi* libSkiaSharp* \
    libmscordbi.so libmscordaccore.so libclrgcexp.so libcoreclrtraceptprovider.so \
    libcapstone.so amd64 Microsoft.CodeAnalysis*.dll Microsoft.Diagnostics.Tracing.TraceEvent.dll Iced.dll
for kind in $goldens; do cp -r "$root/tests/Goldens/$kind" "$pack/goldens/"; done
for file in tokenizer.json tokenizer_config.json special_tokens_map.json chat_template.jinja generation_config.json; do
    [ ! -f "$tokenizer/$file" ] || cp "$tokenizer/$file" "$pack/tokenizer/"
done
cp "$root"/eng/gpu/{run.sh,symbols.py,make-models.py,transformers-speed.py,calls.c} "$pack/"
XZ_OPT="-9 -T2" tar -C "$work" -cJf "$archive" recursivemas-gpu
size=$(stat -c %s "$archive")
echo "$archive: $((size / 1024 / 1024)) MiB, unpacked $(du -sm "$pack" | cut -f1) MiB"
[ "$size" -le "$most" ] || { echo "that is more than $((most / 1024 / 1024)) MiB" >&2; exit 1; }
