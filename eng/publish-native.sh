#!/usr/bin/env bash
# Publishes the command as one native binary, with the native part beside it: artifacts/publish/native/{sconce,libsconce_torch.so};
# or another program: eng/publish-native.sh PROJECT-FOLDER OUTPUT-FOLDER.
# It takes a linker (gcc or clang) and, from NuGet, Microsoft.DotNet.ILCompiler and Microsoft.NETCore.App.Runtime.NativeAOT.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/native.sh"
. "$root/eng/managed.sh"

publish_native() {
    local out=$1; shift
    logged publish-native "$dotnet" publish "$project" -c $configuration -r "$rid" -p:SconceNative=true \
        -o "$out" -v quiet "${lean[@]}" "$@"
}

need_packages
need_native
need_sdk
project=${1:-$root/src/Sconce.Cli} out=${2:-$root/artifacts/publish/native}
say 'compiling the native binary (log: artifacts/logs/publish-native.log)'
if ! locked publish_native "$out" 2>/dev/null; then
    if grep -q 'NU1101.*NativeAOT' "$logs/publish-native.log"; then
        # .NET 10 keeps its native runtime in a package of its own, which not every mirror has; .NET 9's lies in the compiler's.
        say "the NuGet source in use lacks .NET 10's native runtime: compiling the same sources for .NET 9"
        locked publish_native "$out" -p:SconceFramework=net9.0 -p:ArtifactsPath="$root/artifacts/net9" || fail 'the native binary did not compile: the errors are above.'
    else
        cat "$logs/publish-native.log" >&2
        fail 'the native binary did not compile: the errors are above.'
    fi
fi
cp "$SCONCE_NATIVE" "$out/"
if [[ -e $out/Sconce.Cli ]]; then mv "$out/Sconce.Cli" "$out/sconce"; fi
if [[ -e $out/Sconce.Cli.dbg ]]; then mv "$out/Sconce.Cli.dbg" "$out/sconce.dbg"; fi
say "published into ${out#"$root"/} ($(du -sh "$out" | cut -f1))"
