#!/usr/bin/env bash
# Builds the documentation's site, from docs/ and the XML comments: artifacts/site/pages/index.html. It takes DocFX (a .NET tool, from
# NuGet).
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
root=${self%/eng/*}
. "$root/eng/common.sh"
. "$root/eng/install.sh"
. "$root/eng/managed.sh"

need_sdk
site=$root/artifacts/site
tool=$root/artifacts/docfx
assemblies=$site/assemblies
[[ -x $tool/docfx ]] || logged docfx-install "$dotnet" tool install docfx --version 2.81.0 --tool-path "$tool" ||
    fail 'DocFX cannot be had from NuGet: the errors are above.'
say 'building the site (logs: artifacts/logs/site*.log)'
rm -rf "$assemblies" "$root/docs/site/api" "$site/pages"
locked logged site-assemblies "$dotnet" publish "$root/src/Sconce.Cli" -c $configuration -o "$assemblies" -v quiet ||
    fail 'the assemblies do not build'
logged site "$tool/docfx" "$root/docs/site/docfx.json" || fail "DocFX's errors are above."
say "built: ${site#"$root"/}/pages/index.html"
