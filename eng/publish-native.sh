#!/usr/bin/env bash
# Publishes the command as one native binary, with the native part beside it: artifacts/publish/native/{sconce,libsconce_torch.so}.
# It takes a linker (gcc or clang) and, from NuGet, Microsoft.DotNet.ILCompiler and Microsoft.NETCore.App.Runtime.NativeAOT.
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/native.sh"
. "$root/eng/managed.sh"

publish_native() {
    logged publish-native "$dotnet" publish "$root/src/Sconce.Cli" -c $configuration -r "$rid" -p:SconceNative=true \
        -o "$1" -v quiet "${lean[@]}"
}

need_packages
need_native
need_sdk
out=$root/artifacts/publish/native
say 'compiling the native binary (log: artifacts/logs/publish-native.log)'
locked publish_native "$out" || {
    grep -q 'NU1101.*NativeAOT' "$logs/publish-native.log" &&
        fail 'the NuGet source in use lacks the package that holds the native runtime (named above); a source that mirrors nuget.org whole has it.'
    fail 'the native binary did not compile: the errors are above.'
}
mv "$out/Sconce.Cli" "$out/sconce"
if [[ -e $out/Sconce.Cli.dbg ]]; then mv "$out/Sconce.Cli.dbg" "$out/sconce.dbg"; fi
cp "$SCONCE_NATIVE" "$out/"
say "published ${out#"$root"/}/sconce ($(du -h "$out/sconce" | cut -f1))"
