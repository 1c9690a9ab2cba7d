#!/bin/bash
# Builds the packages into dist/packages:
#   packages.sh linux/amd64 windows/amd64 darwin …
# For Linux it makes a deb, an rpm and a tarball, for Windows a zip, and for
# darwin, on a Mac, a zip with the app. Beside each is an SBOM, and at the end
# SHA256SUMS. The same commit gives the same bytes, except for the app.
#
# make runs it and sets VERSION, MAINTAINER, BUILD and GO.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC

out=$BUILD/packages
work=$out/work
rm -rf "$out"
mkdir -p "$work"
trap 'rm -rf "$work" rsrc_windows_*.syso' EXIT

# All files have the time of the commit.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
date=$(git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)
export SOURCE_DATE_EPOCH

# A package's version begins with a digit. In deb and rpm a ~ is before and a +
# is after the version without it: v1.2.0-rc1 is 1.2.0~rc1, and the fourth commit
# after v1.2.0 is 1.2.0+4.g454f185. Without a tag it is the time of the commit.
package_version() {
  local commit
  case ${VERSION#v} in
  [0-9]*.[0-9]*)
    echo "${VERSION#v}" | sed -E 's/-dirty$/+dirty/; s/-([0-9]+-g[0-9a-f]+)/+\1/; s/(\+[0-9]+)-g/\1.g/; s/-/~/g'
    ;;
  *)
    commit=${VERSION//-/.}
    echo "0.0.0+$(git log -1 --format=%cd --date=format-local:%Y%m%d%H%M%S).$commit"
    ;;
  esac
}
PACKAGE_VERSION=$(package_version)
export PACKAGE_VERSION MAINTAINER
# Names of files have the version as git says it: not every place keeps a ~.
name=gatelight_${VERSION#v}

# On this machine only a Mac needs C: for the menu bar.
[ "$(uname -s)" = Darwin ] || export CGO_ENABLED=0

tool() { "$GO" tool -modfile="$PWD/packaging/tools/go.mod" "$@"; }
archive() { "$GO" run ./packaging/archive -time "$SOURCE_DATE_EPOCH" "$@"; }
put() { # mode, file, destination
  mkdir -p "${3%/*}"
  install -m "$1" "$2" "$3"
}

# build makes dist/packages/work/OS-ARCH/gatelight with the flags of make build.
build() { # OS, architecture, flags for the linker
  CGO_ENABLED=0 GOOS=$1 GOARCH=$2 make --no-print-directory -s build \
    BUILD="$work/$1-$2" VERSION="$VERSION" GO="$GO" GO_LDFLAGS="${3:-}"
}

# documents adds the licences of everything in the program, and writes its SBOM.
documents() { # program, folder, name of the package
  mkdir -p "$2"
  "$GO" run ./packaging/linked -program "$1" -name "$3" -version "$PACKAGE_VERSION" -date "$date" \
    -licences "$work/licences" -sbom "$out/$3.spdx.json"
  { cat LICENSE && echo && cat "$work/licences"; } >"$2/copyright"
}

# pages adds the README, and what its links lead to and people of a package need.
pages() { # folder
  local file
  put 644 README.md "$1/README.md"
  git ls-files packaging/docs packaging/examples packaging/prometheus/gatelight.* | while read -r file; do
    put 644 "$file" "$1/$file"
  done
}

# stage_linux puts together what lies below PREFIX.
stage_linux() { # program, PREFIX, folder
  local size
  put 755 "$1" "$3/bin/gatelight"
  sed "s,^ExecStart=/usr/bin/,ExecStart=$2/bin/," packaging/linux/gatelight.service >"$work/unit"
  put 644 "$work/unit" "$3/lib/systemd/user/gatelight.service"
  "$GO" run ./packaging/linux/entry "$2/bin/gatelight" >"$work/entry"
  put 644 "$work/entry" "$3/share/applications/gatelight.desktop"
  put 644 assets/app/gatelight.svg "$3/share/icons/hicolor/scalable/apps/gatelight.svg"
  for size in 48 128 256; do
    put 644 "assets/app/gatelight-$size.png" "$3/share/icons/hicolor/${size}x$size/apps/gatelight.png"
  done
  gzip -9nc "$work/reference/gatelight.1" >"$work/man"
  put 644 "$work/man" "$3/share/man/man1/gatelight.1.gz"
  put 644 "$work/reference/gatelight.bash" "$3/share/bash-completion/completions/gatelight"
  put 644 "$work/reference/gatelight.fish" "$3/share/fish/vendor_completions.d/gatelight.fish"
  gzip -9nc CHANGELOG.md >"$work/changes"
  put 644 "$work/changes" "$3/share/doc/gatelight/changelog.gz"
  put 644 "$work/documents/copyright" "$3/share/doc/gatelight/copyright"
  pages "$3/share/doc/gatelight"
}

package_linux() { # architecture
  local program=$work/linux-$1/gatelight packager
  build linux "$1"
  rm -rf "$work/stage" "$work/tarball"
  documents "$program" "$work/documents" "${name}_linux_$1"
  [ -d "$work/reference" ] || "$GO" run ./packaging/reference -out "$work/reference" -date "${date%T*}" -version "$PACKAGE_VERSION"

  stage_linux "$program" /usr "$work/stage"
  for packager in deb rpm; do
    ARCH=$1 WORK=$work tool nfpm package --config packaging/linux/nfpm.yaml --packager $packager --target "$out/${name}_$1.$packager"
  done
  stage_linux "$program" /usr/local "$work/tarball"
  put 644 "$work/reference/_gatelight" "$work/tarball/share/zsh/site-functions/_gatelight"
  archive -root "$name" -out "$out/${name}_linux_$1.tar.gz" "$work/tarball"
}

# package_windows builds the program twice: gatelight.exe is for a terminal, and
# gatelightw.exe opens no window, for a double click and the start at login. The
# shortcut is for the folder that README names.
package_windows() { # architecture
  local zip=$work/zip numbers
  numbers=$(echo "$PACKAGE_VERSION" | sed -E 's/^([0-9]+)\.([0-9]+)(\.([0-9]+))?.*/\1.\2.\4/; s/\.$/.0/').0
  rm -rf "$zip"
  # Go links the resource when it lies beside main.go. It is not committed.
  tool go-winres make --in packaging/windows/winres.json --arch "$1" --out rsrc \
    --file-version "$numbers" --product-version "$numbers"
  build windows "$1"
  put 755 "$work/windows-$1/gatelight" "$zip/gatelight.exe"
  documents "$zip/gatelight.exe" "$work/documents" "${name}_windows_$1"
  build windows "$1" -H=windowsgui
  put 755 "$work/windows-$1/gatelight" "$zip/gatelightw.exe"
  rm -f rsrc_windows_*.syso
  "$GO" run ./packaging/windows/shortcut -out "$zip/Gatelight.lnk" -description 'Gatelight' \
    -target '%LOCALAPPDATA%\Programs\Gatelight\gatelightw.exe'
  put 644 "$work/documents/copyright" "$zip/LICENSE.txt"
  pages "$zip"
  put 644 CHANGELOG.md "$zip/CHANGELOG.md"
  archive -root "$name" -out "$out/${name}_windows_$1.zip" "$zip"
}

# notarize has Apple check the app, and staples Apple's answer to it. Without that
# macOS asks the person before it opens an app that was downloaded. NOTARY_PROFILE
# names what `xcrun notarytool store-credentials` has stored.
notarize() { # app
  if [ -z "${NOTARY_PROFILE:-}" ]; then
    echo 'The app is not notarized: NOTARY_PROFILE is not set. macOS will ask before it opens a download of it.' >&2
    return
  fi
  ditto -c -k --keepParent "$1" "$work/notarize.zip"
  xcrun notarytool submit "$work/notarize.zip" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$1"
}

package_darwin() {
  make --no-print-directory app ARCHS='arm64 amd64' BUILD="$BUILD" VERSION="$VERSION" GO="$GO"
  notarize "$BUILD/Gatelight.app"
  documents "$BUILD/Gatelight.app/Contents/MacOS/gatelight" "$work/documents" "${name}_macos"
  rm -rf "$work/app"
  mkdir "$work/app"
  cp -R "$BUILD/Gatelight.app" "$work/app/Gatelight.app"
  put 644 "$work/documents/copyright" "$work/app/LICENSE.txt"
  pages "$work/app"
  archive -root "$name" -out "$out/${name}_macos.zip" "$work/app"
}

for platform in "$@"; do
  case $platform in
  linux/* | windows/*) "package_${platform%/*}" "${platform#*/}" ;;
  darwin) package_darwin ;;
  *)
    echo "packages are for linux/ARCH, windows/ARCH and, on a Mac, darwin; not for $platform" >&2
    exit 1
    ;;
  esac
done

rm -rf "$work"
cd "$out"
sum=sha256sum
command -v sha256sum >/dev/null 2>&1 || sum='shasum -a 256'
$sum -- * >SHA256SUMS.new
mv SHA256SUMS.new SHA256SUMS
ls -l
