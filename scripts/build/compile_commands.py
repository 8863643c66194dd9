# SPDX-License-Identifier: Apache-2.0
"""compile_commands.py BUILD OUTPUT: collect the saved compiler commands of a build folder for editors and clang-tidy."""

import json
import os
import re
import sys

SAVED = re.compile(r"saved-(\S+) := (.*)")


def entries(build):
    """One entry for each object whose command is saved and whose source still stands."""
    for folder, _, names in sorted(os.walk(build)):
        for name in sorted(names):
            if not name.endswith(".o.cmd"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                match = SAVED.match(file.readline())
            if not match:
                continue
            command = match[2].replace("$(pound)", "#").replace("$$", "$")
            source = command.split()[-1]
            if os.path.exists(source):
                yield {"directory": os.getcwd(), "command": command, "file": source, "output": match[1]}


def main():
    build, output = sys.argv[1:]
    text = json.dumps(list(entries(build)), indent=1) + "\n"
    if os.path.exists(output):
        with open(output, encoding="utf-8") as file:
            if file.read() == text:
                return
    with open(output + ".tmp", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(output + ".tmp", output)


main()
