#!/usr/bin/env bash
# Runs a command in a fresh Debian of a release, in a fresh clone of this checkout's last commit; its exit status is the command's.
#
#   eng/debian.sh 13 ./test              Debian 13 (trixie); also 12 (bookworm), testing, or any name that debootstrap knows
#   eng/debian.sh testing ./test torch   one suite
#
# The Debian is made with debootstrap from this machine's mirror, in a folder of /var/tmp that is removed afterwards. With
# SCONCE_DEBIAN_KEEP=1 it stays at /var/tmp/sconce-debian/RELEASE, packages and all, and the next run goes on with it. The .NET SDK is
# this machine's, read-only; ../shared is there where this checkout has it. It takes root (chroot and mounts, all of them in a namespace
# of their own), 6 GB, and a few minutes before the command begins.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/chroot.sh"

(($# >= 2)) || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$self"; exit 2; }
release=$1; shift
case $release in
    12) suite=bookworm ;;
    13) suite=trixie ;;
    *) suite=$release ;;
esac
need_chroot
has_sdk || fail 'the .NET SDK is missing here, and the Debian would borrow it: see ./test'

# What the SDK takes beside libc; ./test installs what Sconce takes.
supply() {
    inside apt-get update -qq
    local icu
    icu=$(inside apt-cache --names-only search '^libicu[0-9]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
    inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends git libssl3 libstdc++6 $icu
}

as_a_debian
[[ $suite != testing && $suite != sid ]] || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1   # its ICU is newer than .NET looks for
sdk=$(dirname "$(readlink -f "$dotnet")")
shared=$(readlink -f "$root/../shared" || true)
[[ -d $shared ]] || shared=

mkdir -p /var/tmp/sconce-debian
if [[ ${SCONCE_DEBIAN_KEEP:-} == 1 ]]; then
    place=/var/tmp/sconce-debian/$suite
else
    place=$(mktemp -d "/var/tmp/sconce-debian/$suite.XXXXXX")
    trap 'rm -rf --one-file-system "$place"' EXIT
fi

if [[ ! -e $place/.furnished ]]; then
    say "making a Debian $suite (log: artifacts/logs/debian-$suite.log)"
    logged "debian-$suite" debootstrap --variant=minbase "$suite" "$place" "$(mirror)" || fail "debootstrap could not make a Debian $suite: its words are above."
    furnish
    logged "debian-$suite" supply || fail "its packages could not be installed: the words of apt are above."
    ln -sf ../../share/dotnet/dotnet "$place/usr/local/bin/dotnet"
    touch "$place/.furnished"
fi

rm -rf "$place/sconce/main"
git clone -q --no-hardlinks "$root" "$place/sconce/main"
say "Debian $(cat "$place/etc/debian_version"), commit $(git -C "$place/sconce/main" log -1 --format=%h): $*"
inside bash -c 'cd /sconce/main && exec "$@"' command "$@"
