#!/usr/bin/env bash
# Writes the catalogue's table into README.md, between its `systems` markers; --check only says whether it is up to date.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
readme=$root/README.md

table=$("$root/sconce" list --markdown)
updated=$(TABLE=$table awk '
    /<!-- systems -->/ { print; print ""; print ENVIRON["TABLE"]; print ""; inside = 1; next }
    /<!-- \/systems -->/ { inside = 0 }
    !inside' "$readme")

if [[ ${1:-} == --check ]]; then
    [[ $updated == "$(cat "$readme")" ]] || { echo 'README.md lists other systems than the catalogue does: run eng/readme.sh' >&2; exit 1; }
else
    printf '%s\n' "$updated" >"$readme.next"
    mv "$readme.next" "$readme"
fi
