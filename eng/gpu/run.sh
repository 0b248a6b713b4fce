#!/usr/bin/env bash
# Checks and measures on the machine where it was unpacked. Goes on past whatever fails; every part has a time limit.
# Usage: run.sh RESULTS [checks] [leaks] [speed] [calls]   (default: all; single checks by their names: start flat families hops systems answers callers)
#   TORCH_LIB             folder with libtorch; default: that of python3's torch
#   RECURSIVEMAS_DEVICE   default: cuda
#   SPEED                 models and element types to measure; default: "llama-135m:bfloat16 llama-135m:float32 qwen3-1.7b:bfloat16 qwen3-1.7b:float32"
# RESULTS gets a log of each part, errors.tsv with every error found, and summary.txt, which is printed at the end.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '2,7p' "$0"; exit 2; }
results=$(realpath -m "$1"); shift
parts=" ${*:-checks leaks speed calls} "
mkdir -p "$results"
summary=$results/summary.txt
: >"$summary"
export RECURSIVEMAS_DEVICE=${RECURSIVEMAS_DEVICE:-cuda} RECURSIVEMAS_GOLDENS=${RECURSIVEMAS_GOLDENS:-$here/goldens}
TORCH_LIB=${TORCH_LIB:-$(python3 -c 'import importlib.util, os; print(os.path.join(os.path.dirname(importlib.util.find_spec("torch").origin), "lib"))')}
export RECURSIVEMAS_LIBTORCH=$TORCH_LIB
models=$results/../models

say() { printf '%s\n' "$*" | tee -a "$summary"; }

# part NAME SECONDS COMMAND...: runs it with a time limit and its own log.
part() {
    local name=$1 limit=$2 started=$SECONDS status=0
    shift 2
    RECURSIVEMAS_ERRORS=$results/$name.errors timeout -k 5 "$limit" "$@" >"$results/$name.log" 2>&1 || status=$?
    local totals
    totals=$(grep -oE '(Total|total): *[0-9]+, (Errors|errors).*' "$results/$name.log" | tail -1)
    say "$name: $([ "$status" -eq 0 ] && echo passed || echo "FAILED ($status)"), $((SECONDS - started)) s. $totals"
}

# tests NAME SECONDS PROJECT CLASS...
tests() {
    local name=$1 limit=$2 project=$3 classes=()
    shift 3
    for class in "$@"; do classes+=(-class "*.$class"); done
    part "$name" "$limit" "$here/app/RecursiveMas.$project" -noLogo -noColor -showLiveOutput "${classes[@]}"
}

wants() { [[ $parts == *" $1 "* ]]; }
checks() { wants "$1" || wants checks; }

say "device $RECURSIVEMAS_DEVICE, libtorch in $TORCH_LIB"
command -v nvidia-smi >/dev/null && say "$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader)"
part symbols 60 python3 "$here/symbols.py" "$here/app/libLibTorchSharp.so" "$TORCH_LIB"
tail -1 "$results/symbols.log" | tee -a "$summary"

if { wants speed || wants calls; } && [ ! -d "$models" ]; then
    part make-models 180 python3 "$here/make-models.py" "$models" "$here/tokenizer" &
fi

if checks start; then tests start 60 Models.Tests TorchNativeTests; fi
# Counts bytes of the C heap, where methods that are compiled anew take some as well.
if checks flat; then DOTNET_TieredCompilation=0 tests flat 60 Models.Tests FlatCallTests; fi
checks families && tests families 150 Models.Tests ModelGoldenTests FamilyRunnerTests KeyValuePoolTests TokenSamplerTests &
checks hops && tests hops 150 Models.Tests MasForcedTests &
checks systems && tests systems 200 Conformance ReferenceParityTests &
checks answers && tests answers 200 Styles.Tests SequentialTinyTests MixtureTinyTests SessionTests &
checks callers && tests callers 150 Styles.Tests ManyCallersTests CancellationCountTests &
wait

# Memory of the device belongs to all processes, so nothing runs beside this. Of the host's, what is kept for later must not count: each thread keeps
# freed pieces of the C heap, and the collector lets the managed heap grow to the size of the processor's cache.
if wants leaks; then
    GLIBC_TUNABLES=glibc.malloc.tcache_count=0 DOTNET_GCgen0size=1000000 DOTNET_TieredCompilation=0 RECURSIVEMAS_LONG=3 tests leaks 150 Styles.Tests LeakTests
    grep -E "OUTPUT. after [0-9]+ questions" "$results/leaks.log" | sed 's/.*OUTPUT. //' | tee -a "$summary"
fi

if wants speed; then
    for pair in ${SPEED:-llama-135m:bfloat16 llama-135m:float32 qwen3-1.7b:bfloat16 qwen3-1.7b:float32}; do
        model=${pair%:*} dtype=${pair#*:}
        part "speed-$model-$dtype" 120 "$here/app/RecursiveMas.Benchmarks" device "$models/$model" "$RECURSIVEMAS_DEVICE" "$dtype"
        part "transformers-$model-$dtype" 120 python3 "$here/transformers-speed.py" "$models/$model" "$dtype"
    done
fi

if wants calls; then
    cuda=${CUDA_HOME:-/usr/local/cuda}
    cupti=$(find / -name 'libcupti.so.*' -not -path '/proc/*' 2>/dev/null | head -1)
    header=$(find / -name cupti.h -not -path '/proc/*' 2>/dev/null | head -1)
    if cc -shared -fPIC -O2 -I "$(dirname "$header")" -I "$cuda/include" "$here/calls.c" -o "$results/calls.so" \
        -L "$(dirname "$cupti")" "-l:$(basename "$cupti")" -Wl,-rpath,"$(dirname "$cupti")" >"$results/calls-build.log" 2>&1; then
        for rows in 1 32; do
            # The difference between more and fewer steps is what steps ask for.
            for steps in 10 30; do
                CUDA_INJECTION64_PATH=$results/calls.so part "calls-$rows-$steps" 60 \
                    "$here/app/RecursiveMas.Benchmarks" device "$models/llama-135m" "$RECURSIVEMAS_DEVICE" bfloat16 "$rows" "$steps"
            done
            paste <(grep -oE '[0-9]+' "$results/calls-$rows-10.log" | tail -4) <(grep -oE '[0-9]+' "$results/calls-$rows-30.log" | tail -4) \
                | awk -v rows="$rows" 'BEGIN { split("launches copies waits allocations", names) }
                    { line = line " " names[NR] " " ($2 - $1) / 20 } END { print "a decode step of " rows " rows:" line }' | tee -a "$summary"
        done
    else
        say "calls: the counter could not be built, see calls-build.log"
    fi
fi

# Largest error of each test against what was allowed.
cat "$results"/*.errors 2>/dev/null >"$results/errors.tsv"
rm -f "$results"/*.errors
awk -F'\t' '{ n[$3]++; if ($1 + 0 >= most[$3] + 0) { most[$3] = $1; of[$3] = $2 } }
    END { for (test in n) printf "%s: largest error %s, allowed %s, of %d\n", test, most[test], of[test], n[test] }' "$results/errors.tsv" | sort | tee -a "$summary"
for log in "$results"/speed-*.log "$results"/transformers-*.log; do
    [ -f "$log" ] && { echo "$(basename "$log" .log)"; cut -f2- "$log"; } | tee -a "$summary"
done
! grep -q FAILED "$summary"
