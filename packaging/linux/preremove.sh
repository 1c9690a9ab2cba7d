#!/bin/sh
# Runs before a removal, and before an upgrade, where it does nothing. At a
# removal it ends each Gatelight that runs as a unit of a user. The Gateways run
# on. Settings and event logs are the users' own and stay, as do the links by
# which users have enabled the unit.
set -e

# The first argument is "remove" (deb) or 0 (rpm).
case ${1:-} in
remove | 0) ;;
*) exit 0 ;;
esac

[ -d /run/systemd/system ] || exit 0
for unit in $(systemctl list-units --plain --no-legend --state=active 'user@*.service' | cut -d ' ' -f 1); do
  user=${unit#user@}
  user=${user%.service}
  systemctl --user --machine="$user@" stop gatelight.service || true
done
