"""Ask Gatelight about an IB Gateway, and never the API port.

Copy this file, or the lines you need. It has no dependencies.
"""

import json
import subprocess


def gateways(program="gatelight"):
    """What Gatelight knows: a list with one dictionary for each Gateway.

    The running Gatelight answers at once. Where none runs, one look at the
    socket table answers. Nothing connects to the API port.
    """
    try:
        answer = subprocess.run([program, "status", "--json"], capture_output=True, text=True, timeout=60)
    except FileNotFoundError:  # cron's PATH is another one than yours
        raise RuntimeError(f"there is no {program} in PATH: give its whole path as program=") from None
    if not answer.stdout:  # 1 and 2 are states; without output there is no answer
        raise RuntimeError(answer.stderr.strip() or f"gatelight ended with {answer.returncode}")
    return json.loads(answer.stdout)["gateways"]


def gateway(name=None, program="gatelight"):
    """One Gateway: the one with that name, or the only one."""
    found = [g for g in gateways(program) if name in (None, g["name"])]
    if len(found) != 1:
        raise LookupError(f"{len(found)} Gateways are named {name}" if name else "say which Gateway")
    return found[0]


def usable(name=None, program="gatelight"):
    """True if the API has answered. False is "no" or "not known": see why."""
    g = gateway(name, program)
    return g["state"] == "connected" and g["verified"]


if __name__ == "__main__":
    for g in gateways():
        print(f"{g['name']}: {g['state']}. {g['why']}")
