"""A dashboard's line about the Gateway, once with socket.connect_ex, now without.

    before:  open = socket.socket().connect_ex(("127.0.0.1", 4002)) == 0

Each such question left a socket in CLOSE_WAIT in the Gateway, and a few of
them kept its API from answering.
"""

from gatelight_status import gateway

COLOURS = {"connected": "green", "starting": "amber", "listening": "amber", "cut_off": "amber", "unknown": "grey"}


def line(name=None):
    g = gateway(name)
    colour = COLOURS.get(g["state"], "red")
    if g["state"] == "down" and g["expected"]:
        colour = "grey"  # it was stopped on purpose
    return {"colour": colour, "state": g["state"], "why": g["why"], "clients": len(g["clients"])}


if __name__ == "__main__":
    print(line())
