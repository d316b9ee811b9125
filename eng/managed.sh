# Builds the C#. Sourced after common.sh and install.sh.

sources=("$root"/src "$root"/Directory.Build.props "$root"/Directory.Packages.props "$root"/global.json "$root"/.editorconfig)
cli=$root/artifacts/publish/sconce/Sconce.Cli.dll
rid=linux-$(case $HOSTTYPE in x86_64) echo x64 ;; aarch64) echo arm64 ;; *) echo "$HOSTTYPE" ;; esac)

# CI collects a step's processes; at a desk they stay and make the next build faster.
[[ ${CI:-} == true ]] && export MSBUILDDISABLENODEREUSE=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# What a published folder need not hold.
lean=(-p:CopyOutputSymbolsToPublishDirectory=false -p:PublishDocumentationFile=false -p:PublishReferencesDocumentationFiles=false)

publish_cli() {
    logged cli "$dotnet" publish "$root/src/Sconce.Cli" -c $configuration -r "$rid" --self-contained false \
        -o "${cli%/*}" -v quiet "${lean[@]}" "$@"
}

# Compiled ahead of time (ReadyToRun), the command starts in two thirds of the time; where the compiler's package cannot be had, it
# is built plain.
build_cli() {
    fresh "$stamps/cli" "${sources[@]}" && return 0
    need_sdk
    say 'building the command (log: artifacts/logs/cli.log)'
    mkdir -p "$stamps"
    touch "$stamps/cli.next"   # what is saved while it builds is newer than the build
    if ! publish_cli -p:PublishReadyToRun=true 2>/dev/null; then
        if grep -qi 'error NU.*crossgen' "$logs/cli.log"; then
            say 'the ahead-of-time compiler (microsoft.netcore.app.crossgen2) cannot be had from NuGet: building without it'
            publish_cli || fail 'the command did not build: the errors are above.'
        else
            cat "$logs/cli.log" >&2
            fail 'the command did not build: the errors are above.'
        fi
    fi
    mv "$stamps/cli.next" "$stamps/cli"
}

need_cli() { fresh "$stamps/cli" "${sources[@]}" && [[ -e $cli ]] || { rm -f "$stamps/cli"; locked build_cli; }; }

# build_tests PROJECT|SOLUTION STAMP: tests hold the packages to their surface too.
build_tests() {
    fresh "$stamps/$2" "${sources[@]}" "$root/tests" && return 0
    say "building ${1##*/} (log: artifacts/logs/$2.log)"
    mkdir -p "$stamps"
    touch "$stamps/$2.next"
    if ! SCONCE_SURFACE=1 logged "$2" "$dotnet" build "$1" -c $configuration -v quiet; then
        ! grep -q 'error RS001[67]' "$logs/$2.log" || say 'the public surface changed: if it was meant to, run eng/surface.sh and commit what it writes'
        return 1
    fi
    mv "$stamps/$2.next" "$stamps/$2"
}
