#!/bin/sh
# Installs what `make build` or `make app` has built, or removes it again:
#   install.sh install|uninstall Linux|Darwin
# make runs it and sets BUILD (the folder of the build), PREFIX (the folder to
# install to), DESTDIR (a root in front of PREFIX, for building packages) and GO.
# Every file is written under another name and then renamed: a Gatelight that
# runs keeps its own file.
set -eu

root=${DESTDIR:-}
bin=$PREFIX/bin
apps=$HOME/Applications
icons=$PREFIX/share/icons/hicolor
entry=$PREFIX/share/applications/gatelight.desktop

install_file() { # mode, file, destination
  mkdir -p "$root${3%/*}"
  install -m "$1" "$2" "$root$3.new"
  mv -f "$root$3.new" "$root$3"
}

install_Linux() {
  temp=$(mktemp)
  trap 'rm -f "$temp"' EXIT
  "$GO" run ./packaging/linux/entry "$bin/gatelight" >"$temp" # first, because it may refuse the path
  install_file 755 "$BUILD/gatelight" "$bin/gatelight"
  install_file 644 "$temp" "$entry"
  install_file 644 assets/app/gatelight.svg "$icons/scalable/apps/gatelight.svg"
  for size in 48 128 256; do
    install_file 644 "assets/app/gatelight-$size.png" "$icons/${size}x$size/apps/gatelight.png"
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
  # macOS knows an app that was copied only once it was opened, or with this. A
  # program that it does not know gets no notification centre.
  register=${REGISTER:-/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister}
  [ -n "$root" ] || [ ! -x "$register" ] || "$register" -f "$app" || echo "macOS does not know $app before it is opened once." >&2
  ln -sfn "$apps/Gatelight.app/Contents/MacOS/gatelight" "$root$bin/gatelight"
  echo "Installed $root$apps/Gatelight.app, and the command $root$bin/gatelight."
}

uninstall_Darwin() {
  case $(readlink "$root$bin/gatelight") in
  "$apps/Gatelight.app/"*) rm -f "$root$bin/gatelight" ;;
  *) [ ! -e "$root$bin/gatelight" ] || echo "$root$bin/gatelight does not belong to the app and stays." >&2 ;;
  esac
  rm -rf "$root$apps/Gatelight.app"
}

case $PREFIX in
/*) ;;
*)
  echo "PREFIX is $PREFIX, and must begin with a /; a folder in front of it is DESTDIR." >&2
  exit 1
  ;;
esac

case ${1:-}_${2:-} in
install_Linux | install_Darwin)
  "$1_$2"
  [ -z "$root" ] || exit 0 # a package is not used on this machine
  case :$PATH: in
  *:"$bin":*) ;;
  *) echo "Your PATH does not contain $bin. Add this to your shell's profile: export PATH=\"$bin:\$PATH\"" ;;
  esac
  echo "To start it at login: gatelight autostart on"
  ;;
uninstall_Linux | uninstall_Darwin)
  # Disable the start at login, unless it starts another copy.
  program=$bin/gatelight
  [ "$2" = Linux ] || program=$apps/Gatelight.app/Contents/MacOS/gatelight
  if [ -z "$root" ] && [ -x "$program" ]; then
    case $("$program" autostart status) in
    "On: this "*) "$program" autostart off || echo "Remove by hand what starts it at login." >&2 ;;
    esac
  fi
  "$1_$2"
  echo "Uninstalled. Your settings and the event log stay where they are."
  ;;
*)
  echo "make install is for Linux and macOS, not for ${2:-nothing}; make build builds the program alone." >&2
  exit 1
  ;;
esac
