# SPDX-License-Identifier: Apache-2.0
"""A reader of flattened device trees and FITs, independent of libfdt and of the host tool.

It keeps where each value and name lies in the file, so that a test can change one in
place. Spec: Devicetree Specification v0.4, chapter 5.
"""
import struct

MAGIC = 0xD00DFEED
_BEGIN, _END_NODE, _PROP, _NOP, _END = 1, 2, 3, 4, 9


class Node:
    """A node: its path, where its name lies, and its properties as (offset, bytes)."""

    def __init__(self, path, name_at):
        self.path, self.name_at, self.props = path, name_at, {}

    def cells(self, name):
        """A property as a list of 32-bit numbers."""
        value = self.props[name][1]
        return list(struct.unpack(f">{len(value) // 4}I", value))

    def number(self, name):
        """A property as one big-endian number."""
        return int.from_bytes(self.props[name][1], "big")

    def strings(self, name):
        """A property as a list of strings."""
        return self.props[name][1].rstrip(b"\0").decode().split("\0")


class Tree:
    """All nodes of a tree, by path."""

    def __init__(self, data):
        head = struct.unpack_from(">10I", data)
        if head[0] != MAGIC:
            raise ValueError("not a flattened device tree")
        self.size, self.nodes = head[1], {}
        self._data, self._strings = data, head[3]
        self.strings_span = head[3], head[3] + head[8]
        self._walk(head[2])

    def _text(self, at):
        return self._data[at:self._data.index(b"\0", at)].decode()

    def _walk(self, at):
        stack = []
        while True:
            (token,) = struct.unpack_from(">I", self._data, at)
            at += 4
            if token == _BEGIN:
                name = self._text(at)
                path = (stack[-1].path.rstrip("/") + "/" + name) if stack else "/"
                stack.append(Node(path, at))
                self.nodes[path] = stack[-1]
                at = (at + len(name) + 4) & ~3
            elif token == _PROP:
                size, name = struct.unpack_from(">2I", self._data, at)
                value = bytes(self._data[at + 8:at + 8 + size])
                stack[-1].props[self._text(self._strings + name)] = (at + 8, value)
                at = (at + 8 + size + 3) & ~3
            elif token == _END_NODE:
                stack.pop()
            elif token == _END:
                return
            elif token != _NOP:
                raise ValueError(f"token {token} at {at - 4}")

    def children(self, path):
        """Direct sub-nodes."""
        base = path.rstrip("/") + "/"
        return [n for p, n in self.nodes.items()
                if p.startswith(base) and p != "/" and "/" not in p[len(base):]]

    def compatible(self, what):
        """Nodes whose compatible names `what`."""
        return [n for n in self.nodes.values()
                if "compatible" in n.props and what in n.strings("compatible")]


class Fit(Tree):
    """A FIT with external data."""

    def image_span(self, name):
        """Where an image's bytes lie in the file: offset and size."""
        node = self.nodes[f"/images/{name}"]
        if "data-position" in node.props:
            offset = node.number("data-position")
        else:
            offset = ((self.size + 3) & ~3) + node.number("data-offset")
        return offset, node.number("data-size")


def domains(plan):
    """Memory of each domain of a packed plan: {name: [(base, size), ...]}."""
    found = {}
    for node in plan.compatible("xen,domain"):
        cells = node.cells("xen,static-mem")
        found[node.path.split("/")[-1]] = [
            (cells[i] << 32 | cells[i + 1], cells[i + 2] << 32 | cells[i + 3])
            for i in range(0, len(cells), 4)]
    return found
