#!/bin/sh
# Starts a trading program when the API can be used, once with nc in a loop, now
# without a connection to the port.
#
#   before:  until nc -z 127.0.0.1 4002; do sleep 5; done; exec python trader.py
#
# gatelight becomes the program: its signals, its terminal and its exit status are
# the program's own. With --restart-on-recovery it stays, and runs the program
# anew after each drop that has healed.
exec gatelight run --for connected --stable 3s --timeout 15m -- "$@"
