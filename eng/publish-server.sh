#!/usr/bin/env bash
# Publishes the command with all of .NET, for machines without an SDK: a folder with `sconce` (a program), its unit for
# systemd, and the native part, which needs only libtorch's own packages there.
#
#   eng/publish-server.sh FOLDER
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/native.sh"
. "$root/eng/managed.sh"

out=${1:?where to? eng/publish-server.sh FOLDER}
need_packages
need_native
need_sdk
publish() {
    logged publish-server "$dotnet" publish "$root/src/Sconce.Cli" -c $configuration -r "$rid" --self-contained true \
        -p:PublishReadyToRun=true -p:ArtifactsPath="$root/artifacts/server" -o "$out" -v quiet "${lean[@]}"
}
say 'publishing (log: artifacts/logs/publish-server.log)'
locked publish || fail 'the server was not published: the errors are above.'
cp "$SCONCE_NATIVE" "$out/libsconce_torch.so"
ln -sf Sconce.Cli "$out/sconce"
cp "$root/eng/sconce.service" "$out/"
say "published into $out ($(du -sh "$out" | cut -f1))"
