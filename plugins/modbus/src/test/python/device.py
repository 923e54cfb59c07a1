"""A Modbus TCP device of another code base (pymodbus). Ends when its input ends."""

import os
import struct
import sys
import threading

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server import StartTcpServer


def words(fmt, value):
    raw = struct.pack(fmt, value)
    return [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]


def end_with_input():
    sys.stdin.read()
    os._exit(0)


holding = words(">f", 12.5) + words(">i", -7) + [65535] + words("<i", 70000)
holding += [0] * (200 - len(holding))
inputs = words(">d", 2.5e-7) + words(">Q", 2**62 + 1) + [0] * 192
bits = [False, True] * 50

unit = ModbusSlaveContext(
    di=ModbusSequentialDataBlock(0, bits),
    co=ModbusSequentialDataBlock(0, bits[::-1]),
    hr=ModbusSequentialDataBlock(0, holding),
    ir=ModbusSequentialDataBlock(0, inputs),
    zero_mode=True,
)
threading.Thread(target=end_with_input, daemon=True).start()
StartTcpServer(
    context=ModbusServerContext(slaves={3: unit}, single=False),
    address=("127.0.0.1", int(sys.argv[1])),
)
