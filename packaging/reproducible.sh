#!/bin/bash
# Proves that a commit gives the same packages wherever and whenever it is built:
# it builds HEAD in two clones with other names, caches, time zones, languages
# and umasks, and compares all files.
#   reproducible.sh linux/amd64 windows/amd64 …
# With SHARED_CACHE=1 both take what the compiler has made before: faster, and a
# proof of the packages alone.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

build() { # name, umask, time zone, language
  git clone --quiet --no-hardlinks . "$folder/$1/gatelight"
  (
    cd "$folder/$1/gatelight"
    umask "$2"
    export TZ=$3 LANG=$4 LC_ALL=$4
    [ "${SHARED_CACHE:-}" = 1 ] || export GOCACHE=$folder/$1/cache
    make --no-print-directory packages PLATFORMS="$platforms" >"$folder/$1/log" 2>&1 || { tail -n 20 "$folder/$1/log" >&2; exit 1; }
  )
}
platforms=$*
build one 022 UTC C
sleep 2 # another second
build another-name 077 Pacific/Auckland C.UTF-8
cat "$folder/one/gatelight/dist/packages/SHA256SUMS"
diff -r "$folder/one/gatelight/dist/packages" "$folder/another-name/gatelight/dist/packages"
echo 'Both builds are the same, byte by byte.'
