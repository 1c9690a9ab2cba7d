"""ib_async: connect when the API can be used.

ib_async's own connectAsync tries and gives up after its timeout. A try that is
given up in the middle of the handshake leaves a socket in CLOSE_WAIT in the
Gateway. So wait first, and connect once.
"""

import subprocess
import sys

from ib_async import IB

if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 4002
    subprocess.run(["gatelight", "wait", "--for", "connected", "--stable", "3s", "--timeout", "15m"], check=True)
    ib = IB()
    ib.connect("127.0.0.1", port, clientId=11, timeout=60)
    print("connected; the Gateway's time is", ib.reqCurrentTime())
    ib.disconnect()
