"""Hears the Link with python-can, and asks the distribution unit for its vendor: `python_can.py URL`.

Prints one line of JSON: how often each identifier was heard within a second, the answer, its round trips in
milliseconds, and what went wrong, if anything did.
"""

import json
import sys
import time

import can

BDU = 9
IDENTITY = bytes.fromhex("4018100100000000")


def connect(url):
    scheme, place = url.split(":", 1)
    host, _, bus = place.removeprefix("tcp://").partition("/")
    if scheme == "slcan":
        return can.Bus(interface="slcan", channel=f"socket://{host}", bitrate=500_000, sleep_after_open=0)
    name, port = host.rsplit(":", 1)
    return can.Bus(interface="socketcand", host=name, port=int(port), channel=bus)


def hear(bus, seconds):
    counts = {}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        message = bus.recv(0.1)
        if message is not None:
            counts[message.arbitration_id] = counts.get(message.arbitration_id, 0) + 1
    return counts


def ask(bus):
    bus.send(can.Message(arbitration_id=0x600 + BDU, data=IDENTITY, is_extended_id=False))
    until = time.monotonic() + 1
    while time.monotonic() < until:
        message = bus.recv(0.1)
        if message is not None and message.arbitration_id == 0x580 + BDU:
            return message.data.hex()
    return None


def main():
    said = {}
    with connect(sys.argv[1]) as bus:
        said["heard"] = {f"{identifier:03X}": count for identifier, count in hear(bus, 1).items()}
        said["trips"] = []
        try:
            for _ in range(20):
                started = time.monotonic()
                said["answer"] = ask(bus)
                said["trips"].append(1000 * (time.monotonic() - started))
                if said["answer"] is None:
                    break
        except can.CanError as error:
            said["refused"] = str(error)
        said["after"] = sum(hear(bus, 0.5).values()) if "refused" not in said else None
    print(json.dumps(said))


main()
