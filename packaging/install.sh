#!/bin/sh
# Installs what `make build` or `make app` has made, or takes it away again:
#   install.sh install|uninstall Linux|Darwin
# Run by make, which sets BUILD (where it is), PREFIX (where it goes), DESTDIR
# (a root to put in front, for those who make packages) and GO.
# Every file is written beside its place and then renamed: a Gatelight that runs
# keeps the file it runs from.
set -eu

root=${DESTDIR:-}
bin=$PREFIX/bin
apps=$HOME/Applications
icons=$PREFIX/share/icons/hicolor
entry=$PREFIX/share/applications/gatelight.desktop

place() { # mode, file, place
  mkdir -p "$root${3%/*}"
  install -m "$1" "$2" "$root$3.new"
  mv -f "$root$3.new" "$root$3"
}

install_Linux() {
  draft=$(mktemp)
  trap 'rm -f "$draft"' EXIT
  "$GO" run ./packaging/linux/entry "$bin/gatelight" >"$draft" # first, since it may refuse
  place 755 "$BUILD/gatelight" "$bin/gatelight"
  place 644 "$draft" "$entry"
  place 644 assets/app/gatelight.svg "$icons/scalable/apps/gatelight.svg"
  for size in 48 128 256; do
    place 644 "assets/app/gatelight-$size.png" "$icons/${size}x$size/apps/gatelight.png"
  done
  echo "Installed $root$bin/gatelight, and Gatelight in the menu of applications."
}

uninstall_Linux() {
  rm -f "$root$bin/gatelight" "$root$entry" "$root$icons/scalable/apps/gatelight.svg"
  for size in 48 128 256; do rm -f "$root$icons/${size}x$size/apps/gatelight.png"; done
}

install_Darwin() {
  app=$root$apps/Gatelight.app
  mkdir -p "$root$apps" "$root$bin"
  rm -rf "$app.new" "$app.old"
  cp -R "$BUILD/Gatelight.app" "$app.new"
  [ ! -e "$app" ] || mv "$app" "$app.old"
  mv "$app.new" "$app"
  rm -rf "$app.old"
  ln -sfn "$apps/Gatelight.app/Contents/MacOS/gatelight" "$root$bin/gatelight"
  echo "Installed $root$apps/Gatelight.app, and the command $root$bin/gatelight."
}

uninstall_Darwin() {
  case $(readlink "$root$bin/gatelight") in
  "$apps/Gatelight.app/"*) rm -f "$root$bin/gatelight" ;;
  *) [ ! -e "$root$bin/gatelight" ] || echo "$root$bin/gatelight is not the app's, and is left." >&2 ;;
  esac
  rm -rf "$root$apps/Gatelight.app"
}

case $PREFIX in
/*) ;;
*)
  echo "PREFIX is $PREFIX, and has to begin with a /; what comes before it is DESTDIR." >&2
  exit 1
  ;;
esac

case ${1:-}_${2:-} in
install_Linux | install_Darwin)
  "$1_$2"
  [ -z "$root" ] || exit 0 # whoever makes a package does not use it here
  case :$PATH: in
  *:"$bin":*) ;;
  *) echo "Your PATH lacks $bin. Add to your shell's profile: export PATH=\"$bin:\$PATH\"" ;;
  esac
  echo "To start it at login: gatelight autostart on"
  ;;
uninstall_Linux | uninstall_Darwin)
  # The start at login goes with it, unless it is another copy's.
  program=$bin/gatelight
  [ "$2" = Linux ] || program=$apps/Gatelight.app/Contents/MacOS/gatelight
  if [ -z "$root" ] && [ -x "$program" ]; then
    case $("$program" autostart status) in
    "On: this "*) "$program" autostart off || echo "Take away by hand what starts it at login." >&2 ;;
    esac
  fi
  "$1_$2"
  echo "Uninstalled. Your settings and the event log are left where they are."
  ;;
*)
  echo "make install is for Linux and macOS, not for ${2:-nothing}; make build makes the program alone." >&2
  exit 1
  ;;
esac
