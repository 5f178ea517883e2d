# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, or a program that is killed, at a chosen call of those that change what is stored."""
import mmap
import struct

NOTHING, FULL, KILL_BEFORE, KILL_INSIDE, NO_SPACE_LEFT, READ_ONLY = range(6)


class StorageFaults:
    """What the program that got `env` does; storage_faults.cpp reads it while it runs."""

    def __init__(self, library, directory, control):
        control.write_bytes(bytes(32))
        self._file = open(control, "r+b")
        self._words = mmap.mmap(self._file.fileno(), 32)
        self.env = {"LD_PRELOAD": str(library), "STRATA_FAULT_DIR": f"{directory}/", "STRATA_FAULT_CONTROL": str(control)}

    def arm(self, deed, call=1):
        """From the `call`-th change on from now (the first is 1)."""
        self._words[:] = struct.pack("<4q", NOTHING, call, 0, 0)
        self._words[:8] = struct.pack("<q", deed)

    def disarm(self):
        self._words[:8] = struct.pack("<q", NOTHING)

    @property
    def met(self):
        """How many calls met it since arm()."""
        return struct.unpack("<4q", self._words[:])[3]

    def close(self):
        self._words.close()
        self._file.close()
