"""Reads every object of a data sheet with python-canopen, writes what may be written, and waits for an emergency:
`python_canopen_all.py URL EDS NODE SECONDS`.

Prints one line of JSON: how many entries were read and which were not, the last one by block transfer, how writes were
taken or refused, process data that changed, and the emergency.
"""

import json
import sys

import canopen

from python_canopen import connect, refusal


def entries(dictionary):
    """Every variable, alone or in a record."""
    for thing in dictionary.values():
        if isinstance(thing, canopen.objectdictionary.ODVariable):
            yield thing
        else:
            yield from thing.values()


def read_all(node):
    read, failed = 0, []
    for variable in entries(node.object_dictionary):
        try:
            data = node.sdo.upload(variable.index, variable.subindex)
            size = len(variable) // 8
            text = variable.data_type in canopen.objectdictionary.datatypes.DATA_TYPES
            if not text and len(data) != size:
                failed.append(f"{variable.qualname}: {len(data)} bytes, not {size}")
            read += 1
        except canopen.SdoError as error:
            failed.append(f"{variable.qualname}: {error}")
    return read, failed


def by_block(node, index, subindex):
    with node.sdo.open(index, subindex, mode="rb", block_transfer=True, request_crc_support=True) as stream:
        return stream.read().decode().rstrip()


def main():
    url, sheet, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    network = canopen.Network()
    connect(network, url)
    try:
        node = network.add_node(number, sheet)
        node.sdo.RESPONSE_TIMEOUT = 1.0
        said = {}
        said["read"], said["failed"] = read_all(node)
        said["entries"] = sum(1 for _ in entries(node.object_dictionary))
        said["serial"] = node.sdo[0x2006][1].raw.rstrip()
        said["serial by block"] = by_block(node, 0x2006, 1)
        configuration = node.sdo["configuration"]
        charge = configuration["charge power at most"]
        said["tightened"] = refusal(charge, 1000)
        said["charge"] = charge.raw
        said["loosened"] = refusal(charge, 1001)
        said["read only"] = refusal(node.sdo["limits"]["charge power"], 1)
        said["cleared"] = refusal(node.sdo["lock-outs"]["clear"], 1)
        said["unknown"] = None
        try:
            node.sdo.upload(0x5FFF, 0)
        except canopen.SdoAbortedError as error:
            said["unknown"] = f"{error.code:#010x}"
        node.tpdo.read()
        received = {}
        for pdo in node.tpdo.values():
            if pdo.wait_for_reception(3) is not None:
                received[pdo.name] = len(pdo.data)
        said["pdos"], said["tpdos"] = len(received), len(node.tpdo)
        emergency = node.emcy.wait(timeout=float(sys.argv[4]))
        said["emergency"] = emergency and {
            "code": f"{emergency.code:#06x}", "register": emergency.register, "data": emergency.data.hex()
        }
        print(json.dumps(said))
    finally:
        network.disconnect()


main()
