# What ./sconce, ./test and eng/*.sh share. Sourced, never run; $root is the repository's root.

configuration=Release
stamps=$root/artifacts/stamps
logs=$root/artifacts/logs

# Messages go to stderr: stdout belongs to the command's own output (--json, pipes).
say() { printf 'sconce: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# fresh STAMP PATH…: nothing under the paths changed since the stamp. A folder's own time tells of files removed.
fresh() {
    local stamp=$1; shift
    [[ -e $stamp ]] && [[ -z $(find "$@" -newer "$stamp" -print -quit 2>/dev/null || echo changed) ]]
}

# locked COMMAND…: one build at a time in this tree; a second one waits, then finds its work done.
locked() {
    mkdir -p "$root/artifacts"
    (
        if ! flock -n 9; then
            say 'another build is running in this tree; waiting for it'
            flock 9
        fi
        "$@" 9>&-
    ) 9>"$root/artifacts/.lock"
}

# logged NAME COMMAND…: quiet unless it fails; then its whole output is shown.
logged() {
    local log=$logs/$1.log; shift
    mkdir -p "$logs"
    if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
    cat "$log" >&2
    return 1
}

# The `dotnet` in use: on PATH, or where Microsoft's install script puts it.
find_dotnet() {
    dotnet=$(command -v dotnet) && return 0
    for dotnet in "${DOTNET_ROOT:-/nonexistent}/dotnet" "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        [[ -x $dotnet ]] && return 0
    done
    dotnet=
    return 1
}

# An SDK of .NET 10 or later lies beside that `dotnet` (asking it takes far longer than looking).
has_sdk() {
    find_dotnet || return 1
    local sdk
    for sdk in "$(dirname "$(readlink -f "$dotnet")")"/sdk/[1-9][0-9].*; do
        [[ -d $sdk ]] && return 0
    done
    [[ -n $("$dotnet" --list-sdks 2>/dev/null | grep -E '^[1-9][0-9]\.') ]]
}
