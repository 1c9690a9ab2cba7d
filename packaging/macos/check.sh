#!/bin/bash
# Shows on a Mac what only a Mac can show, and keeps it in dist/mac: the answers
# of doctor, pictures of the menu bar while the demo runs, the demo's event log,
# and how Gatelight ends when macOS quits it.
#   check.sh dist/Gatelight.app
# packaging/macos/standins has programs for the Mac's own, with which this script
# runs elsewhere.
set -euo pipefail
app=$(cd "$1" && pwd -P)
program=$app/Contents/MacOS/gatelight
id=io.github.gatelight.Gatelight
out=${OUT:-dist/mac}
mkdir -p "$out"
out=$(cd "$out" && pwd -P)
failed=0

step() { printf '== %s\n' "$*"; }
fail() {
  echo "FAILED: $*"
  failed=1
}
# wait_until tries a command for a while.
wait_until() { # seconds, command
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.5
  done
}
quit() { osascript -e "tell application id \"$id\" to quit"; }
# running finds the program of the app, by the pattern of its arguments.
running() { pgrep -f "^$program$1"; }
gone() { ! running "$1"; }

step 'the system'
{ sw_vers; uname -a; "$program" version; codesign --display --verbose=2 "$app"; } >"$out/system.txt" 2>&1 || true
cat "$out/system.txt"

step 'doctor'
# Not healthy is no failure here: the machine has no Gateway.
"$program" doctor --json >"$out/doctor.json" || true
grep -q '"sections"' "$out/doctor.json" || fail 'doctor did not answer'

step 'the demo'
# The demo has a folder below TMPDIR, and removes it at the end. The path of a
# socket is short, so this one is, too.
temp=$(mktemp -d /tmp/gatelight-check.XXXX)
open -n -g --env "TMPDIR=$temp" --stdout "$out/demo.txt" --stderr "$out/demo.txt" "$app" --args demo --scenario tour
wait_until 20 running ' demo' || fail 'the demo did not start'
for picture in ${PICTURES:-1 2 3 4 5 6 7 8}; do
  sleep "${INTERVAL:-12}"
  screencapture -x "$out/menu-bar-$picture.png" || fail "there is no picture $picture"
  cp "$temp"/gatelight-demo-*/state/events.jsonl "$out/demo-events.jsonl" 2>/dev/null || true
done
[ -s "$out/demo-events.jsonl" ] || fail 'the demo has no event log'
quit || fail 'AppleScript cannot quit the demo'
wait_until 30 gone ' demo' || fail 'the demo did not end'
wait_until 10 gone ' simgateway' || fail 'the simulated Gateway still runs'
[ -z "$(ls -A "$temp")" ] || fail "the demo has left something: $(ls -A "$temp")"
rm -rf "$temp"

step 'quit by the system'
# With settings and folders of its own, so that nothing of the user is touched.
state=$(mktemp -d /tmp/gatelight-check.XXXX)
printf '[[gateway]]\nport = 20499\n' >"$state/config.toml"
open -n -g --env "GATELIGHT_CONFIG=$state/config.toml" --env "GATELIGHT_STATE_DIR=$state" --env "GATELIGHT_RUNTIME_DIR=$state" \
  --stdout "$out/app.txt" --stderr "$out/app.txt" "$app"
supervised() { GATELIGHT_CONFIG=$state/config.toml GATELIGHT_STATE_DIR=$state GATELIGHT_RUNTIME_DIR=$state "$program" "$@"; }
wait_until 20 test -s "$state/events.jsonl" || fail 'the app did not begin to watch'
wait_until 20 running '$' || fail 'the app does not run'
sleep 2
quit || fail 'AppleScript cannot quit the app'
wait_until 30 gone '$' || fail 'the app did not end'
cp "$state/events.jsonl" "$out/app-events.jsonl" || true
supervised history >"$out/app-history.txt" || true
cat "$out/app-history.txt"
# Whoever ends in good order says so in the event log.
tail -n 1 "$state/events.jsonl" | grep -q '"kind":"supervision"' || fail 'the event log has no mark of the end'
rm -rf "$state"

[ $failed = 0 ] && echo ok
exit $failed
