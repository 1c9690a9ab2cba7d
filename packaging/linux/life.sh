#!/bin/bash
# Plays the life of the deb on a Debian of its own, which is booted with systemd
# in namespaces of this machine: installed, enabled by a user, stopped, crashed,
# upgraded, removed and purged. Through all of it a simulated Gateway has to live
# as one and the same process.
#   life.sh DEB SIMULATE
# SIMULATE is packaging/linux/simulate as a static program. This needs root,
# mmdebstrap and cgroup v2, and takes a minute after the first time.
set -euo pipefail
deb=$(realpath "$1")
simulate=$(realpath "$2")
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "This has to run as root: it boots a Debian in namespaces." >&2; exit 1; }

# A Debian 12 without anything, made once.
base=dist/debian.tar
packages=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps
if [ ! -e $base ]; then
  mmdebstrap --quiet --variant=minbase --include=$packages bookworm dist/debian.new.tar
  mv dist/debian.new.tar $base
fi

root=$(mktemp -d)
group=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/gatelight-life-$$
boot= init=
cleanup() {
  [ -z "$boot" ] || kill -KILL "$boot" 2>/dev/null || true # and with it all that it has started
  wait 2>/dev/null || true
  for try in 1 2 3 4 5; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ -d "$group" ] || break
    sleep 1
  done
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT
tar -C "$root" --exclude='./dev/*' -xf $base
cp "$deb" "$root/root/new.deb"
install -m 755 "$simulate" "$root/usr/local/bin/simulate"

# The version before is the same program with a lower version.
before=$(mktemp -d)
dpkg-deb -R "$deb" "$before/deb"
sed -i 's/^Version: .*/Version: 0.0.0~before/' "$before/deb/DEBIAN/control"
dpkg-deb -Zgzip -z1 --root-owner-group -b "$before/deb" "$root/root/before.deb" >/dev/null
rm -rf "$before"

# It runs as process 1 of its own namespaces, in a control group of its own.
mkdir "$group"
(
  echo "$BASHPID" >"$group/cgroup.procs"
  exec unshare --mount --pid --cgroup --ipc --uts --net --fork --kill-child bash -euc '
    mount --make-rprivate /
    mount --bind "$0" "$0"
    cd "$0"
    mount -t proc proc proc
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    for folder in run tmp dev; do mount -t tmpfs tmpfs $folder; done
    for device in null zero full random urandom tty; do
      touch dev/$device
      mount --bind /dev/$device dev/$device
    done
    ln -s /proc/self/fd dev/fd
    exec env -i container=other PATH=/usr/sbin:/usr/bin chroot . /lib/systemd/systemd' "$root"
) </dev/null >/dev/null 2>&1 &
boot=$!

# inside runs a command as root of that Debian, and user as its user.
inside() {
  nsenter -t "$init" --mount --pid --cgroup --ipc --uts --net --root="/proc/$init/root" --wd="/proc/$init/root" \
    env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}
user() { inside runuser -u trader -- env HOME=/home/trader XDG_RUNTIME_DIR=/run/user/1000 "$@"; }
unit() { user systemctl --user "$@" gatelight.service; }

step() { printf '== %s\n' "$*"; }
# expect waits up to a minute until a command succeeds.
expect() { # what is expected, command
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then
      echo "FAILED: $what: $*" >&2
      unit status --no-pager >&2 || true
      user gatelight status >&2 || true
      user gatelight history >&2 || true
      exit 1
    fi
    sleep 0.3
  done
  echo "   $what"
}
gateway_pids() { inside pgrep -u trader -f ibcalpha.ibc.IbcGateway; }
same_gateway() { [ "$(gateway_pids)" = "$gateway" ]; }
main_pid() { unit show -P MainPID; }
other_main() { [ "$(main_pid)" != 0 ] && [ "$(main_pid)" != "$main" ]; }
connected() { user gatelight status; }
names_client() { user gatelight status | grep -q 'Client sleep'; }

step boot
find_init() { init=$(pgrep -P "$boot" -x systemd); }
expect 'Debian is booted' find_init
expect 'the system bus is there' inside busctl status
inside useradd -m -s /bin/bash trader
inside loginctl enable-linger trader
expect 'the user has a service manager' user systemctl --user show-environment

step install
inside dpkg -i /root/before.deb >/dev/null
inside dpkg -L gatelight >"$root/root/files"
inside gatelight version
[ "$(unit is-enabled || true)" = disabled ]
[ "$(unit is-active || true)" = inactive ]
echo '   nothing is enabled or started'

step start
user mkdir -p /home/trader/.config/gatelight
user sh -c 'simulate ~/sim /usr/bin/gatelight >~/.config/gatelight/config.toml'
unit --quiet enable --now
expect 'it supervises' unit is-active
user gatelight start
expect 'the Gateway is connected' connected
gateway=$(gateway_pids)
# Neither the unit nor its restrictions hide who is connected.
# Bash becomes sleep, its last command.
user bash -c 'exec 3<>/dev/tcp/127.0.0.1/4002; sleep 300' &
disown # it ends with the rest
expect 'a client outside of the unit has its name' names_client

step 'stop, start, restart, crash'
unit stop
expect 'a stop leaves the Gateway alone' same_gateway
unit start
expect 'the Gateway was adopted' connected
unit restart
expect 'a restart leaves the Gateway alone' same_gateway
main=$(main_pid)
inside kill -SEGV "$main"
expect 'a crash is followed by a start' other_main
expect 'the Gateway is connected' connected
expect 'it is the same one' same_gateway

step upgrade
main=$(main_pid)
inside dpkg -i /root/new.deb >/dev/null
expect 'the new program runs' other_main
case $(inside readlink "/proc/$(main_pid)/exe") in */gatelight) ;; *) echo 'FAILED: the old file runs' >&2; exit 1 ;; esac
expect 'the Gateway is connected' connected
expect 'it is the same one' same_gateway

step remove
inside dpkg -r gatelight >/dev/null
[ "$(unit is-active || true)" = inactive ]
expect 'the Gateway runs on' same_gateway
step purge
inside dpkg -P gatelight >/dev/null 2>&1
while read -r file; do
  [ -d "$root$file" ] || [ ! -e "$root$file" ] || { echo "FAILED: $file is left" >&2; exit 1; }
done <"$root/root/files"
[ ! -e "$root/usr/share/doc/gatelight" ]
[ -e "$root/home/trader/.config/gatelight/config.toml" ]
echo '   no file of the package is left; the settings are'
expect 'the Gateway runs on' same_gateway

step 'logout without linger'
inside loginctl disable-linger trader
no_gateway() { ! gateway_pids; }
expect 'systemd has ended the Gateway, with all of the user' no_gateway
echo ok
