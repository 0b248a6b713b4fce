#!/usr/bin/env bash
# Runs the tests that compare with the reference implementation again on every path that can compute: managed kernels with each width of vectors that this
# processor has, forced by the runtime's own switches, and libtorch alone. The tests refuse to run where a switch did not do what it says.
# Usage: eng/parity.sh [Debug | Release]; the tests must be built.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Debug}
failed=0

# NAME of the way, settings of the environment, a colon, the classes, or methods of classes, of Models.Tests, a colon, those of Conformance.
way() {
    local name=$1 settings=() classes=() project=RecursiveMas.Models.Tests
    shift
    while [ "$1" != : ]; do settings+=("$1"); shift; done
    shift
    for word in "$@" :; do
        case "$word" in
            *.*) classes+=(-method "*.$word"); continue ;;
            [A-Z]*) classes+=(-class "*.$word"); continue ;;
        esac
        [ ${#classes[@]} -eq 0 ] || run "$name" "$project"
        project=RecursiveMas.Conformance classes=()
    done
}

run() {
    local started=$SECONDS log program status total
    program=$(find "tests/$2/bin/$configuration" -maxdepth 3 -type f -name "$2" | head -1)
    log=$(mktemp)
    env "${settings[@]}" "$program" -noColor "${classes[@]}" >"$log" 2>&1
    status=$?
    total=$(grep -aoP 'Total: \K[0-9]+' "$log" | tail -1)
    if [ "$status" -ne 0 ] || [ "${total:-0}" -eq 0 ]; then
        failed=1
        tail -60 "$log"
        echo "$1: $2 failed"
    else
        echo "$1: $(grep -a 'Total:' "$log" | tail -1 | sed 's/^ *//') ($((SECONDS - started)) s)"
    fi
    rm -f "$log"
}

# The widest is what all other tests run with; here it is only made sure that it is what it is taken for.
grep -qw avx512f /proc/cpuinfo && way "AVX-512" RECURSIVEMAS_VECTORS=512 : ModelGoldenTests
grep -qw avx2 /proc/cpuinfo && way "AVX2" RECURSIVEMAS_VECTORS=256 DOTNET_EnableAVX512=0 : ModelGoldenTests RowProductTests : ReferenceParityTests.Forced
way "128 bits" RECURSIVEMAS_VECTORS=128 DOTNET_EnableAVX2=0 : ModelGoldenTests RowProductTests : ReferenceParityTests.Forced
way "no vectors" RECURSIVEMAS_VECTORS=0 DOTNET_EnableHWIntrinsic=0 : ModelGoldenTests
way "libtorch alone" RECURSIVEMAS_KERNELS=off : ModelGoldenTests : ReferenceParityTests.Forced
exit $failed
