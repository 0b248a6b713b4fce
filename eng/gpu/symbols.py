"""Which symbols of libtorch does TorchSharp's native part need that the libtorch of a folder lacks?

Usage: symbols.py libLibTorchSharp.so LIBTORCH_FOLDER

A missing one that is bound when the library loads keeps it from loading (exit status 1). One that is bound at its first call
ends the process in that call, and only then.
"""

import glob
import mmap
import os
import struct
import sys

SHT_RELA, SHT_DYNSYM, STB_WEAK, R_X86_64_JUMP_SLOT = 4, 11, 2, 7


class Elf:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        at, size, count = *struct.unpack_from("<Q", self.data, 40), *struct.unpack_from("<HH", self.data, 58)
        # name, type, flags, address, offset, size, link, info, align, entry size
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, at + i * size) for i in range(count)]

    def symbols(self):
        """Every dynamic symbol as (name, whether it is defined here, whether it may be missing)."""
        for section in (s for s in self.sections if s[1] == SHT_DYNSYM):
            names = self.sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 24):
                name, info, _, index = struct.unpack_from("<IBBH", self.data, at)
                yield self.data[names + name : self.data.find(b"\0", names + name)].decode(), index != 0, info >> 4 == STB_WEAK

    def bound_at_first_call(self):
        """Indices of the symbols that only calls refer to."""
        late, early = set(), set()
        for section in (s for s in self.sections if s[1] == SHT_RELA):
            for at in range(section[4], section[4] + section[5], 24):
                info = struct.unpack_from("<Q", self.data, at + 8)[0]
                (late if info & 0xFFFFFFFF == R_X86_64_JUMP_SLOT else early).add(info >> 32)
        return late - early


def main(sharp, folder):
    has = set()
    for library in glob.glob(os.path.join(folder, "lib*torch*.so")) + glob.glob(os.path.join(folder, "libc10*.so")):
        has |= {name for name, defined, _ in Elf(library).symbols() if defined}
    elf = Elf(sharp)
    late = elf.bound_at_first_call()
    # Others come from the C and C++ libraries.
    needed = [
        (i, name)
        for i, (name, defined, weak) in enumerate(elf.symbols())
        if not defined and not weak and any(part in name for part in ("2at", "3c10", "5torch"))
    ]
    missing = [(name, i in late) for i, name in needed if name not in has]
    for name, at_call in missing:
        print("missing at its first call" if at_call else "MISSING AT LOADING", name)
    eager = sum(not at_call for _, at_call in missing)
    print(f"{len(needed)} symbols needed, {len(missing)} missing in {folder}, {eager} of them at loading")
    return 1 if eager else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
