#!/usr/bin/env bash
# Does the Dockerfile's steps, as they stand, in Debians that debootstrap makes in folders, then starts its entry point and asks over
# HTTP: what a machine without Docker can hold of it. The exit status is 0 where a painting comes back and SIGTERM ends it with 0.
#
#   eng/dockerfile.sh               in folders of /var/tmp that are removed afterwards
#   SCONCE_DEBIAN_KEEP=1 eng/dockerfile.sh    they stay; steps that were done are not done again
#
# The one step that may be done otherwise is Microsoft's install script: where dot.net cannot be reached, this machine's SDK is borrowed.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/chroot.sh"

need_chroot
has_sdk || fail 'the .NET SDK is missing here: see ./test'
own_sdk=$(dirname "$(readlink -f "$dotnet")")
as_a_debian
stages=/var/tmp/sconce-dockerfile
if [[ ${SCONCE_DEBIAN_KEEP:-} != 1 ]]; then
    stages=$(mktemp -d /var/tmp/sconce-dockerfile.XXXXXX)
    trap 'rm -rf --one-file-system "$stages"' EXIT
fi
mkdir -p "$stages"

# Instructions, a line each: comments gone, continued lines joined.
instructions() { sed -E '/^[[:space:]]*#/d; /^[[:space:]]*$/d' "$root/Dockerfile" | sed -E ':a; /\\$/N; s/\\\n[[:space:]]*//; ta'; }

# base IMAGE: a Debian as small as debian:RELEASE-slim, made once for all stages.
base() {
    local release=${1#debian:} suite
    release=${release%-slim}
    suite=$([[ $release == 12 ]] && echo bookworm || { [[ $release == 13 ]] && echo trixie || echo "$release"; })
    place=$stages/base-$suite
    [[ -e $place/.furnished ]] && return 0
    rm -rf "$place"
    say "making $1 with debootstrap (log: artifacts/logs/dockerfile-base.log)"
    logged dockerfile-base debootstrap --variant=minbase "$suite" "$place" "$(mirror)" || fail 'debootstrap failed: its words are above.'
    furnish
    touch "$place/.furnished"
}

begin() {   # FROM IMAGE [AS NAME]
    base "$1"
    local made=$place
    stage=$((stage + 1)) folder=/ user=root sdk='' variables=()
    place=$stages/stage-$stage
    [[ -z ${3:-} ]] || named[$3]=$place
    done_steps=$place/.done
    [[ -e $done_steps ]] || { rm -rf "$place"; cp -a "$made" "$place"; : > "$done_steps"; }
}

# in_stage COMMAND…: as the stage's user, in its folder, with its variables.
in_stage() {
    local line=(env -i "HOME=$HOME" "PATH=$PATH" "${variables[@]}")
    while IFS= read -r name; do line+=("$name=${!name}"); done < <(compgen -e | grep -E 'CERT|CA_BUNDLE|CAINFO|_proxy|PROXY')
    [[ $user == root ]] || line=(setpriv --reuid "$user" --regid "$user" --init-groups env -u HOME "${line[@]}")
    inside "${line[@]}" sh -c 'cd "$1" && shift && exec "$@"' in "$folder" "$@"
}

run() {
    if [[ $1 == *dot.net* ]] && ! curl -sfLm 20 -o /dev/null https://dot.net/v1/dotnet-install.sh; then
        say '  dot.net cannot be reached: this machine'\''s SDK is borrowed'
        sdk=$own_sdk
        ln -sf /usr/share/dotnet/dotnet "$place/usr/local/bin/dotnet"
        return 0
    fi
    logged "dockerfile-$stage-$step" in_stage sh -c "$1" || fail "this step failed: its words are above."
}

copy() {   # COPY FROM TO, or COPY --from=STAGE FROM TO
    if [[ $1 == --from=* ]]; then
        mkdir -p "$place$(dirname "$3")"
        rm -rf "$place$3"
        cp -a "${named[${1#--from=}]}$2" "$place$3"
    else
        mkdir -p "$place$folder"
        git -C "$root" ls-files -z | tar -C "$root" --null -T - -cf - | tar -C "$place$folder" -xf -
    fi
}

declare -A named=()
stage=0 step=0 entry=() variables=()
while IFS= read -r line; do
    step=$((step + 1))
    word=${line%% *} rest=${line#* }
    say "$word $rest"
    case $word in
        FROM) begin $rest ;;
        WORKDIR) folder=$rest; mkdir -p "$place$folder" ;;
        ENV) variables+=("$rest") ;;
        USER) user=$rest ;;
        EXPOSE | STOPSIGNAL) ;;
        ENTRYPOINT) mapfile -t entry < <(grep -oE '"[^"]*"' <<<"$rest" | tr -d '"') ;;
        RUN | COPY)
            # What went before is done again where a step was not done, or stands otherwise than it did.
            if ! grep -qxF "$line" "$done_steps" || [[ $rest == *dot.net* || $line == 'COPY . .' ]]; then
                if [[ $word == RUN ]]; then run "$rest"; else copy $rest; fi
                echo "$line" >> "$done_steps"
            fi ;;
        *) fail "$word is none of the instructions that this script knows" ;;
    esac
done < <(instructions)

port=18080
say "starting ${entry[*]} neural_painting --port $port"
variables+=(SCONCE_KEY=a-long-secret)
in_stage "${entry[@]}" neural_painting --port $port 2>"$stages/serve.log" &
served=$!
for ((second = 0; second < 60; second++)); do
    curl -sf "http://127.0.0.1:$port/v2/health/ready" -H 'X-API-Key: a-long-secret' >/dev/null && break
    kill -0 $served 2>/dev/null || { cat "$stages/serve.log" >&2; fail 'it ended before it was ready: its words are above.'; }
    sleep 1
done
curl -sf --data-binary "@$root/docs/screenshots/served.png" -H 'Accept: image/png' -H 'X-API-Key: a-long-secret' \
    -o "$stages/painted.png" "http://127.0.0.1:$port/paint/neural_painting?strokes=20" || { cat "$stages/serve.log" >&2; fail 'no answer came'; }
[[ $(head -c 8 "$stages/painted.png" | od -An -tx1 | tr -d ' ') == 89504e470d0a1a0a ]] || fail 'the answer is no picture'
say "an answer came over HTTP: $(stat -c %s "$stages/painted.png") bytes of PNG"
# In a namespace of its own the server is a child of what waits for it.
program=$(pgrep -f "^${entry[0]} .*--port $port" | head -n 1)
kill -TERM "$program"
for ((second = 0; second < 30; second++)); do kill -0 "$program" 2>/dev/null || break; sleep 1; done
status=0; wait $served || status=$?
say "SIGTERM: it ended with $status; the last stage takes $(du -sh --exclude=proc "$place" | cut -f1)"
[[ $status == 0 ]]
