#!/bin/sh
# Runs after an installation or an upgrade. After an upgrade, each Gatelight that
# runs as a unit of a user becomes the new one. The Gateways run on, and the new
# one adopts them. After an installation nothing is started: each user decides.
set -e

# The first argument of an upgrade is "configure" and the second one the version
# before (deb), or the first one is at least 2 (rpm).
case ${1:-} in
configure) [ -n "${2:-}" ] || exit 0 ;;
'' | *[!0-9]*) exit 0 ;;
*) [ "$1" -ge 2 ] || exit 0 ;;
esac

# No failure here is one of the installation: the old program runs on.
[ -d /run/systemd/system ] || exit 0
for unit in $(systemctl list-units --plain --no-legend --state=active 'user@*.service' | cut -d ' ' -f 1); do
  user=${unit#user@}
  user=${user%.service}
  systemctl --user --machine="$user@" daemon-reload || continue
  systemctl --user --machine="$user@" try-restart gatelight.service || true
done
