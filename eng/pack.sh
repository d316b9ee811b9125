#!/usr/bin/env bash
# Makes the NuGet packages: Sconce.Torch, Sconce, Sconce.Systems, Sconce.Server, and the tool (Sconce.Tool, command `sconce`).
#
#   eng/pack.sh --out FOLDER [--version VERSION]
#
# The version is the repository's: that of the tag at hand (v0.2.0), else 0.1.0-dev.N with N commits. The native part lies in
# Sconce.Torch as source, and as a binary for Debian 12's libtorch (1.13.1) where this machine has it.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/native.sh"
. "$root/eng/managed.sh"

out= version=
while (($# > 0)); do
    case $1 in
        --out) out=${2:?--out takes a folder}; shift 2 ;;
        --version) version=${2:?--version takes a version}; shift 2 ;;
        *) fail "eng/pack.sh --out FOLDER [--version VERSION], not '$1'" ;;
    esac
done
[[ -n $out ]] || fail 'where to? eng/pack.sh --out FOLDER'
mkdir -p "$out"
out=$(readlink -f "$out")

if [[ -z $version ]]; then
    version=$(git -C "$root" describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null) && version=${version#v} ||
        version=$(sed -n -E 's|.*<Version>(.*)</Version>.*|\1|p' "$root/Directory.Build.props")-dev.$(git -C "$root" rev-list --count HEAD)
fi

need_packages
need_native
need_sdk
if ! ldd "$SCONCE_NATIVE" | grep -q 'libtorch_cpu.so.1.13'; then
    fail "the binary that goes into the package is for Debian 12's libtorch 1.13.1, and this machine's is another: pack on Debian 12"
fi

pack() {
    local project
    for project in Sconce.Torch Sconce Sconce.Systems Sconce.Server Sconce.Cli; do
        logged "pack-$project" "$dotnet" pack "$root/src/$project" -c $configuration -o "$out" -v quiet \
            -p:Version="$version" -p:SconcePrebuilt="$SCONCE_NATIVE" -p:ArtifactsPath="$root/artifacts/pack" || return 1
    done
}
say "packing $version (log: artifacts/logs/pack-*.log)"
locked pack || fail 'the packages were not made: the errors are above.'
ls -1 "$out"/*."$version".nupkg
