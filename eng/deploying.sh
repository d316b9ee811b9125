#!/usr/bin/env bash
# Follows docs/deploying.md word by word in a fresh Debian: the lines of its code blocks are taken out of the page itself and typed, in
# order, on "the machine that builds" and on "the machine that serves". The exit status is 0 where each of both sections ends with an
# answer over HTTP and SIGTERM ends the server with 0.
#
#   eng/deploying.sh bookworm     Debian 12; also trixie (13), which is what it does without a word
#   SCONCE_DEBIAN_KEEP=1 eng/deploying.sh    the Debians stay in /var/tmp/sconce-deploying
#
# What is not as it stands on the page: REPOSITORY is this checkout's last commit; where dot.net cannot be reached, this machine's SDK is
# borrowed for the line that installs it; systemd cannot run in a folder, so `systemctl` there verifies the unit and does what it says.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/chroot.sh"

suite=${1:-trixie}
[[ $suite == bookworm || $suite == trixie ]] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$self"; exit 2; }
page=$root/docs/deploying.md
need_chroot
! curl -s -o /dev/null http://localhost:8080/ || fail 'something listens at port 8080 here, where the page has its server listen'
as_a_debian

places=/var/tmp/sconce-deploying
if [[ ${SCONCE_DEBIAN_KEEP:-} != 1 ]]; then
    mkdir -p "$places"
    places=$(mktemp -d "$places/$suite.XXXXXX")
    trap 'rm -rf --one-file-system "$places"' EXIT
fi
mkdir -p "$places"

# fresh_debian NAME: a Debian as it is installed, at $place.
fresh_debian() {
    local first=$places/$suite-first
    if [[ ! -e $first/.furnished ]]; then
        rm -rf --one-file-system "$first"
        say "making a Debian $suite (log: artifacts/logs/deploying-$suite.log)"
        place=$first
        logged "deploying-$suite" debootstrap --variant=minbase "$suite" "$first" "$(mirror)" ||
            fail 'debootstrap failed: its words are above.'
        furnish
        touch "$first/.furnished"
    fi
    place=$places/$suite-$1
    rm -rf --one-file-system "$place"
    cp -a "$first" "$place"
}

# block SECTION NUMBER: a code block of a section, the first being 1.
block() {
    local found
    found=$(awk -v section="## $1" -v wanted="$2" '
        /^## / { inside = index($0, section) == 1; number = 0; open = 0 }
        inside && /^    / { if (!open) number++; open = 1; if (number == wanted) print substr($0, 5); next }
        { open = 0 }' "$page")
    [[ -n $found ]] || fail "docs/deploying.md has no block $2 under '$1'"
    printf '%s\n' "$found"
}

# A server that a block started in the background is told to stop at the end, and has to end with 0.
stopping='trap - DEBUG; kill -TERM $!; wait $!; echo "SIGTERM: it ended with 0" >&2'

# Nobody waits at a terminal for a server that has ended; the loops of the page would.
watching='trap '\''[[ -z ${!:-} ]] || kill -0 $! 2>/dev/null || { echo "the server has ended" >&2; exit 1; }'\'' DEBUG'

# type_there NAME LINES: as a person at a terminal would, line by line, until one fails. The steps it takes go to a log.
type_there() {
    local log=$logs/deploying-$suite-$1.log
    say "typing on $1 (log: ${log#"$root/"})"
    mkdir -p "$logs"
    sed 's/^/    /' <<<"$2" >&2
    printf '%s\n' 'set -e -o pipefail; export DEBIAN_FRONTEND=noninteractive' "$watching" "$2" > "$place/root/typed"
    inside env -C "${3:-/root}" timeout -k 30 "${SCONCE_DEPLOYING_SECONDS:-5400}" bash -x /root/typed >"$log" 2>&1 </dev/null \
        || { tail -n 40 "$log" >&2; fail "one of these lines failed: its words are above."; }
}

# As the page says it, but for the two things that a folder without the world cannot do.
here_and_now() {
    local text=$1
    if [[ $text == *dot.net* ]] && ! curl -sfLm 20 -o /dev/null https://dot.net/v1/dotnet-install.sh; then
        has_sdk || fail 'the .NET SDK is missing here, and the Debian would borrow it: see ./test'
        say "dot.net cannot be reached: this machine's SDK is borrowed for the line that installs it"
        sdk=$(dirname "$(readlink -f "$dotnet")")
        text=$(sed 's|^.*dot\.net.*$|test -x /usr/share/dotnet/dotnet|' <<<"$text")
    fi
    typed=${text//REPOSITORY//repository}
}

# What systemd would do of the page's lines.
systemctl_there() {
    mkdir -p "$place/usr/local/bin"
    cat > "$place/usr/local/bin/systemctl" <<'END'
#!/bin/bash
set -e
unit=/etc/systemd/system/sconce.service
of() { sed -n "s/^$1=//p" "$unit"; }
case $* in
    daemon-reload) systemd-analyze verify "$unit" ;;
    'enable --now sconce')
        set -a; . "$(of EnvironmentFile)"; eval "$(of Environment)"; set +a
        cd "$(of WorkingDirectory)"
        setpriv --reuid "$(of User)" --regid "$(of User)" --init-groups env HOME=/nonexistent bash -c "exec $(of ExecStart)" &
        echo $! > /run/sconce.pid ;;
    'stop sconce')
        main=$(cat /run/sconce.pid)
        kill -TERM "$main"
        # Here nobody may take the dead away: systemd would.
        while [[ -e /proc/$main && $(sed 's/.*) //; s/ .*//' "/proc/$main/stat") != Z ]]; do sleep 0.2; done ;;
    *) echo "systemctl $*: not known in this folder" >&2; exit 1 ;;
esac
END
    chmod +x "$place/usr/local/bin/systemctl"
}

is_png() { [[ $(head -c 8 "$1" | od -An -tx1 | tr -d ' ') == 89504e470d0a1a0a ]] || fail "no picture came: $(head -c 200 "$1")"; }

# The machine that builds: the first section as it stands, then what systemd's section says of it; and a run to serve.
fresh_debian builds
git clone -q --bare --no-hardlinks "$root" "$place/repository"
here_and_now "$(block 'An answer' 1)"
type_there builds "$typed
$stopping"
is_png "$place/root/sconce/painted.png"
say "an answer came over HTTP: $(stat -c %s "$place/root/sconce/painted.png") bytes of PNG"
type_there builds "mkdir -p photos/dark photos/light
for k in 1 2 3 4; do
    cp docs/screenshots/classify.png photos/light/\$k.png
    cp docs/screenshots/classify-small-dark.png photos/dark/\$k.png
done
./sconce train resnet20 --data photos --out run1 --epochs 1
$(block systemd 1)" /root/sconce
built=$place

# The machine that serves, which has neither the sources nor an SDK.
sdk=
fresh_debian serves
inside apt-get update -qq
# An installed Debian has it.
inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd > /dev/null 2>&1
systemctl_there
cp -a "$built/opt/sconce" "$place/opt/"
cp -a "$built/root/sconce/run1" "$place/root/"
cp "$root/docs/screenshots/served.png" "$place/root/photo.jpg"
type_there serves "$(block systemd 2)
$(block systemd 3) | tee answer.json
systemctl stop sconce"
grep -q confidence "$place/root/answer.json" || fail "no answer came: $(head -c 200 "$place/root/answer.json")"
say "an answer came over HTTP from the service: $(head -c 120 "$place/root/answer.json")…"
