"""Replays a candump log with python-can: `python_can_log.py LOG COPY`.

Plays the log into a virtual bus as fast as it goes, and writes what arrives there into a second log. Prints one line
of JSON: frames in the log, frames that arrived, and whether they are the same.
"""

import json
import sys

import can


def main():
    log, copy = sys.argv[1], sys.argv[2]
    messages = list(can.LogReader(log))
    arrived = []
    with can.Bus("replay", interface="virtual") as player, can.Bus("replay", interface="virtual") as listener:
        with can.Logger(copy) as writer:
            for message in can.MessageSync(messages, timestamps=False):
                player.send(message)
                heard = listener.recv(1)
                arrived.append(heard)
                writer(message)
    same = all(
        heard is not None and (heard.arbitration_id, heard.data) == (message.arbitration_id, message.data)
        for heard, message in zip(arrived, messages)
    )
    print(json.dumps({"frames": len(messages), "arrived": len(arrived), "same": same}))


main()
