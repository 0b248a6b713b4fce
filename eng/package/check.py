#!/usr/bin/env python3
"""Lists what the packages of a folder contain, and requires that each holds what it should and nothing else.

Usage: check.py FOLDER REPOSITORY ADDRESS COMMIT
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml
import zipfile

# Useful without 480 MB of native code; whoever takes one of these must not be given TorchSharp.
LIGHT = {"Checkpoints", "Text", "Hub", "Tool", "TinySystems", "AgentTools"}
ALWAYS = {"README.md", "LICENSE", "THIRD-PARTY-NOTICES.md", "icon.png"}
CONTAINER = re.compile(r"^(_rels/|package/|\[Content_Types\]\.xml$)")


class Package:
    def __init__(self, file):
        with zipfile.ZipFile(file) as archive:
            self.files = {name for name in archive.namelist() if not CONTAINER.match(name)}
            nuspec = next(name for name in self.files if name.endswith(".nuspec"))
            self.files.remove(nuspec)
            metadata = xml.fromstring(archive.read(nuspec)).find("{*}metadata")
            self.readme = archive.read("README.md").decode() if "README.md" in self.files else ""
        self.symbols = set()
        if file.with_suffix(".snupkg").exists():
            with zipfile.ZipFile(file.with_suffix(".snupkg")) as archive:
                self.symbols = {name for name in archive.namelist() if name.endswith(".pdb")}
        self.fields = {field.tag.split("}")[1]: (field.text or "").strip() for field in metadata}
        self.name, self.version = self.fields["id"], self.fields["version"]
        self.needs = {need.get("id"): need.get("version") for need in metadata.findall(".//{*}dependency")}
        self.repository = metadata.find("{*}repository")

    @property
    def short(self):
        return self.name.removeprefix("RecursiveMas").removeprefix(".")

    def print(self):
        print(f"{self.name} {self.version}")
        for name in sorted(self.files | self.symbols):
            print(f"    {name}")
        for name, version in sorted(self.needs.items()):
            print(f"    needs {name} {version}")

    def wanted_files(self):
        if self.short == "":
            return ALWAYS, set()
        library = f"lib/net10.0/{self.name}"
        return ALWAYS | {library + ".dll", library + ".xml"}, {library + ".pdb"}

    def faults(self, packages, address, commit):
        if self.short == "Tool":
            tools = {name for name in self.files if name.startswith("tools/")}
            yield from (f"contains {name}" for name in self.files - tools - ALWAYS)
            yield from (f"lacks {name}" for name in ALWAYS - self.files)
            yield from (f"contains {name}" for name in tools if "torch" in name.lower())
            if f"tools/net10.0/any/{self.name}.dll" not in tools:
                yield "lacks the command"
        else:
            files, symbols = self.wanted_files()
            yield from (f"contains {name}" for name in self.files - files)
            yield from (f"lacks {name}" for name in files - self.files)
            if self.symbols != symbols:
                yield f"has the symbols {self.symbols}, not {symbols}"
        yield from (f"says no {field}" for field in ("description", "license", "icon", "readme", "tags", "authors") if not self.fields.get(field))
        if self.fields.get("projectUrl") != address:
            yield f"names the project {self.fields.get('projectUrl')}, not {address}"
        if self.repository is None or (self.repository.get("url"), self.repository.get("commit")) != (address, commit):
            yield "does not name repository and commit"
        if len(self.readme) < 200:
            yield "has a README that says nothing"
        for name, version in self.needs.items():
            if name.startswith("RecursiveMas") and version != self.version:
                yield f"needs {name} {version}, another version than its own"
            if name.startswith("TorchSharp-") or name.startswith("libtorch"):
                yield f"needs {name}, which is the application's choice"
        if self.short in LIGHT and "TorchSharp" in closure(self, packages):
            yield "brings TorchSharp"


def closure(package, packages):
    found, todo = set(), [package.name]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += packages[name].needs if name in packages else []
    return found


def main(folder, repository, address, commit):
    packages = {package.name: package for package in map(Package, sorted(pathlib.Path(folder).glob("*.nupkg")))}
    for package in packages.values():
        package.print()
    libraries = {project.stem for project in pathlib.Path(repository).glob("RecursiveMas*/*.csproj")}
    faults = [f"{name} was not packed" for name in sorted(libraries - packages.keys())]
    faults += [f"{package.name} {fault}" for package in packages.values() for fault in package.faults(packages, address, commit)]
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(packages)} packages, {len(faults)} faults")
    return bool(faults) or not packages


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
