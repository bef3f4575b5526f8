"""Uses the Link with python-canopen and a data sheet: `python_canopen.py URL EDS NODE`.

Prints one line of JSON: what the node says of itself, a record by name, a label that was written and read again, a
heartbeat, process data by name, and how a write that is out of range was refused.
"""

import json
import sys
import time

import canopen


def connect(network, url):
    scheme, place = url.split(":", 1)
    host, _, bus = place.removeprefix("tcp://").partition("/")
    if scheme == "slcan":
        network.connect(interface="slcan", channel=f"socket://{host}", bitrate=500_000, sleep_after_open=0)
    else:
        name, port = host.rsplit(":", 1)
        network.connect(interface="socketcand", host=name, port=int(port), channel=bus)


def refusal(variable, value):
    try:
        variable.raw = value
    except canopen.SdoAbortedError as error:
        return f"{error.code:#010x}"
    return None


def main():
    url, sheet, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    network = canopen.Network()
    connect(network, url)
    try:
        node = network.add_node(number, sheet)
        node.sdo.RESPONSE_TIMEOUT = 1.0
        said = {"name": node.sdo[0x1008].raw, "state": node.nmt.wait_for_heartbeat(2)}
        said["limits"] = {entry.name: entry.raw for entry in node.sdo["limits"].values()}
        label = node.sdo["configuration"]["label"]
        label.raw = "by python-canopen"
        said["label"] = label.raw
        said["refused"] = refusal(node.sdo["configuration"]["charge power at most"], 60_000)
        node.tpdo.read()
        started = time.monotonic()
        node.tpdo[1].wait_for_reception(2)
        said["waited"] = time.monotonic() - started
        said["status"] = {variable.name: variable.raw for variable in node.tpdo[1]}
        print(json.dumps(said))
    finally:
        network.disconnect()


if __name__ == "__main__":
    main()
