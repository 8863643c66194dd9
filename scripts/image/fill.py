# SPDX-License-Identifier: Apache-2.0
"""Fill in a text: every @NAME@ of the template becomes the value given as NAME=value; nothing may be left over."""

import re
import sys


def main():
    """fill.py TEMPLATE OUTPUT NAME=value ..."""
    template, output, *pairs = sys.argv[1:]
    values = dict(p.split("=", 1) for p in pairs)
    with open(template, encoding="utf-8") as f:
        text = f.read()
    try:
        text = re.sub(r"@([A-Z_]+)@", lambda m: values[m.group(1)], text)
    except KeyError as err:
        return f"{template}: no value for {err}"
    with open(output, "w", encoding="utf-8") as f:
        f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
