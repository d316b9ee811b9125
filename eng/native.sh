#!/usr/bin/env bash
# Builds the native part, native/*.cpp, against the libtorch in use. Sourced after common.sh; run by itself, it builds and prints where.
#
# The library lies at artifacts/native/KEY/libsconce_torch.so, where KEY is a hash of all that goes into it: so a build of other
# sources, or for another libtorch (SCONCE_LIBTORCH), is another file, and going back to the first costs nothing.

native_library=
native_key=

# Sets native_key and native_library; a few milliseconds.
name_native() {
    local libtorch=${SCONCE_LIBTORCH:-} headers binary
    if [[ -n $libtorch ]]; then
        headers=$libtorch/include/torch/csrc/api/include/torch/version.h
        binary=$libtorch/lib/libtorch_cpu.so
        [[ -e $headers && -e $binary ]] ||
            fail "SCONCE_LIBTORCH is $libtorch, which is no libtorch: it lacks ${headers#"$libtorch"/} or ${binary#"$libtorch"/}. It must be the folder that holds include/ and lib/."
    else
        headers=/usr/include/torch/csrc/api/include/torch/version.h
        binary=$(compgen -G '/usr/lib/*/libtorch_cpu.so' | head -n 1) || binary=/usr/lib/libtorch_cpu.so
    fi
    native_key=$(
        {
            cat "$root"/native/*.cpp "$root"/native/*.h "$root"/native/*.inc "$root"/native/CMakeLists.txt "$headers" 2>/dev/null || true
            printf '%s\n' "$libtorch" "$binary" "${CXX:-}" "${CXXFLAGS:-}"
            stat -Lc '%s %Y' "$binary"
        } | sha256sum
    )
    native_key=${native_key:0:16}
    native_library=$root/artifacts/native/$native_key/libsconce_torch.so
}

build_native() {
    [[ -e $native_library ]] && return 0   # another process built it while this one waited for the lock
    local build=$root/artifacts/native/$native_key/build
    say 'building the native part (about a minute; log: artifacts/logs/native.log)'
    logged native-configure cmake -S "$root/native" -B "$build" -DCMAKE_BUILD_TYPE=$configuration -DSCONCE_LIBTORCH="${SCONCE_LIBTORCH:-}" &&
        logged native cmake --build "$build" --parallel "${SCONCE_JOBS:-2}" ||
        fail "the native part did not build against ${SCONCE_LIBTORCH:-the libtorch of libtorch-dev}: the compiler's words are above."
    mv "$build/libsconce_torch.so" "$native_library"
    rm -rf "$build"
}

# need_native: builds when stale; exports SCONCE_NATIVE; leaves artifacts/native/current for processes that these scripts did not
# start (an IDE, `dotnet test`).
need_native() {
    [[ -n ${SCONCE_NATIVE:-} ]] && return 0
    name_native
    [[ -e $native_library ]] || locked build_native || return 1
    local current=$root/artifacts/native/current
    [[ $current -ef ${native_library%/*} ]] || ln -sfn "$native_key" "$current"
    export SCONCE_NATIVE=$native_library
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    self=$(readlink -f "$0")
    root=${self%/eng/*}
    . "$root/eng/common.sh"
    . "$root/eng/install.sh"
    need_packages
    need_native
    echo "$SCONCE_NATIVE"
fi
