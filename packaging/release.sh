#!/bin/bash
# Makes a release of the packages that several machines have built:
#   release.sh TAG PARTS OUT
# PARTS has a folder for each machine, with what packages.sh has made there. All
# files must be what their SHA256SUMS say, and belong to the version of the tag.
# OUT gets all of them with one SHA256SUMS. gh makes a draft of it.
set -euo pipefail
tag=$1 parts=$2 out=$3
rm -rf "$out"
mkdir -p "$out"
version=${tag#v}

for part in "$parts"/*/; do
  (cd "$part" && sha256sum --quiet --check SHA256SUMS)
  for file in "$part"*; do
    name=${file##*/}
    case $name in
    SHA256SUMS) continue ;;
    gatelight_"$version"_*) ;;
    *)
      echo "$name does not belong to the version $version" >&2
      exit 1
      ;;
    esac
    [ ! -e "$out/$name" ] || { echo "two machines have built $name" >&2; exit 1; }
    cp "$file" "$out/$name"
  done
done
for kind in .deb .rpm .tar.gz .zip macos.zip .spdx.json; do
  compgen -G "$out/*$kind" >/dev/null || { echo "there is no *$kind" >&2; exit 1; }
done

# The source, and the formula with which Homebrew builds it.
source=gatelight_${version}_source.tar.gz
git archive --prefix="gatelight-$version/" "$tag" | gzip -9n >"$out/$source"
packaging/macos/formula.sh "$version" "${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/releases/download/$tag/$source" \
  "$(sha256sum "$out/$source" | cut -d ' ' -f 1)" >"$out/gatelight.rb"
(cd "$out" && sha256sum -- * >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS)

prerelease=()
case $tag in *-*) prerelease=(--prerelease) ;; esac
gh release create "$tag" --draft --verify-tag "${prerelease[@]}" --title "Gatelight $version" \
  --notes "See CHANGELOG.md. To check a download: sha256sum --check --ignore-missing SHA256SUMS" "$out"/*
