#!/usr/bin/env bash
# Runs the suites of the native part under AddressSanitizer and UndefinedBehaviorSanitizer: reads and writes beyond memory, memory
# used after it was freed, overflow and misaligned reads in native/*.cpp stop the run, with a report.
#
#   eng/sanitize.sh                       the suites of the native part (some minutes)
#   eng/sanitize.sh SUITE [xunit args]    one suite's classes: eng/sanitize.sh Sconce.Tests -class '*PackedLayerTests'
#
# The sanitized library lies at artifacts/sanitized/KEY/, apart from the usual one; libtorch itself is as it is.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/native.sh"
. "$root/eng/managed.sh"

flags='-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1'

sanitized() {
    name_native
    folder=$root/artifacts/sanitized/$native_key
    [[ -e $folder/libsconce_torch.so ]] && return 0
    say 'building the native part with sanitizers (some minutes; log: artifacts/logs/sanitized.log)'
    # CMakeLists.txt asks for -O2 after these flags; symbols of the sanitizers come with the process, not with the link.
    logged sanitized-configure cmake -S "$root/native" -B "$folder/build" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$flags" \
        -DSCONCE_SANITIZED=ON -DSCONCE_LIBTORCH="${SCONCE_LIBTORCH:-}" &&
        logged sanitized cmake --build "$folder/build" --parallel "${SCONCE_JOBS:-2}" ||
        fail 'the sanitized native part did not build: the compiler said why above.'
    mv "$folder/build/libsconce_torch.so" "$folder/"
    rm -rf "$folder/build"
}

# .NET handles some signals itself and scans its stacks: the sanitizers leave those alone. Our allocator would hide what they look for.
under() {
    local report=$folder/report
    local options=detect_leaks=0:allocator_may_return_null=1:handle_segv=0
    options+=:handle_sigbus=0:handle_sigfpe=0:handle_abort=0:allow_user_segv_handler=1
    options+=:use_sigaltstack=0:alloc_dealloc_mismatch=0:detect_odr_violation=0
    options+=:quarantine_size_mb=64:log_path=$report
    rm -f "$report".*
    if ! env SCONCE_NATIVE="$folder/libsconce_torch.so" SCONCE_MALLOC=system OMP_WAIT_POLICY=passive \
        ASAN_OPTIONS="$options" \
        UBSAN_OPTIONS="print_stacktrace=1:log_path=$report" \
        LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" "$@"; then
        cat "$report".* >&2 2>/dev/null || true
        return 1
    fi
    # A warning alone is no fault: a test asks for more memory than there is, and is refused.
    if grep -qsE 'ERROR: |runtime error' "$report".*; then cat "$report".* >&2; return 1; fi
}

suite() {
    local name=$1; shift
    locked build_tests "$root/tests/$name" "$name" || fail "$name does not build"
    printf '== %s under AddressSanitizer and UndefinedBehaviorSanitizer\n' "$name"
    under "$dotnet" exec "$root/artifacts/bin/$name/release/$name.dll" -noLogo -noColor "$@"
}

need_packages
need_sdk
sanitized
# Some kernels and containers leave AddressSanitizer no room for its shadow: nothing can be tried there, and that is no fault of ours.
under "$dotnet" --version >/dev/null 2>&1 || { say 'no process starts under AddressSanitizer on this machine: skipped'; exit 77; }
if [[ $# -gt 0 ]]; then
    suite "$@"
else
    suite Sconce.Torch.Tests
    suite Sconce.Tests -class '*.Compilation.*'
fi
