#!/usr/bin/env bash
# Writes the surface of the packages, what of them is public, into src/*/PublicAPI.Unshipped.txt: run it after a change that is meant,
# and commit what it wrote with the change. ./test and CI fail where the files say otherwise than the sources.
#
#   eng/surface.sh           what is new is added, what is gone is taken out
#   eng/surface.sh --ship    at a release: moves all that is there into PublicAPI.Shipped.txt, against which later removals are noted
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/managed.sh"

packages=(Sconce.Torch Sconce Sconce.Systems Sconce.Server)
export LC_ALL=C   # one order everywhere

# lines FILE: the symbols that it declares
lines() { grep -v -x '#nullable enable' "$1" || true; }

# declare_lines FILE: those of standard input, each once, in order
declare_lines() { { echo '#nullable enable'; sort -u; } >"$1.next" && mv "$1.next" "$1"; }

ship() {
    local name shipped unshipped
    for name in "${packages[@]}"; do
        shipped=$root/src/$name/PublicAPI.Shipped.txt unshipped=$root/src/$name/PublicAPI.Unshipped.txt
        { lines "$shipped"; lines "$unshipped" | grep -v '^\*REMOVED\*' || true; } |
            grep -v -x -F -f <(lines "$unshipped" | sed -n 's/^\*REMOVED\*//p') | declare_lines "$shipped"
        declare_lines "$unshipped" </dev/null
    done
}

# The faults of one package, as lines to add and to take away.
update() {
    local name=$1 log=$2 shipped=$root/src/$1/PublicAPI.Shipped.txt unshipped=$root/src/$1/PublicAPI.Unshipped.txt added gone
    faults() { sed -n -E "s|.*$1: Symbol '(.*)' is $2.*/$name\\.csproj(::[^]]*)?\\]\$|\\1|p" "$log" | sort -u; }
    added=$(faults RS0016 'not part of the declared public API')
    gone=$(faults RS0017 'part of the declared API, but')
    {
        lines "$unshipped" | grep -v -x -F -f <(printf '%s\n' "$gone" | grep . || echo '#') || true
        [[ -z $added ]] || printf '%s\n' "$added"
        # What was released and is gone stays written down.
        [[ -z $gone ]] || lines "$shipped" | grep -x -F -f <(printf '%s\n' "$gone") | sed 's/^/*REMOVED*/' || true
    } | declare_lines "$unshipped"
    say "$name: $(grep -c . <<<"$added" || true) new, $(grep -c . <<<"$gone" || true) gone"
}

case ${1:-} in
    '') ;;
    --ship) ship; exit ;;
    *) fail "eng/surface.sh [--ship], not '$1'" ;;
esac

need_sdk
log=$logs/surface.log
mkdir -p "$logs"
say 'looking at what is public (log: artifacts/logs/surface.log)'
build() {
    SCONCE_SURFACE=1 logged surface-build "$dotnet" build "$root/src/$1" -c $configuration -v quiet -clp:NoSummary \
        -p:TreatWarningsAsErrors=false "${@:2}" || fail 'it does not build: the errors are above.'
    cat "$logs/surface-build.log" >>"$log"
}
: >"$log"
locked build Sconce.Systems                                # and all that it stands on
locked build Sconce.Server -p:BuildProjectReferences=false
for name in "${packages[@]}"; do update "$name" "$log"; done
