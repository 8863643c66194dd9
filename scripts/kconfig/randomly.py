# SPDX-License-Identifier: Apache-2.0
"""`make randconfig`: any value that a user could choose, of every symbol that is theirs to choose.

The domains stay as they are: nearly no set of them by chance fits the board.
"""

from kconfiglib import BOOL, HEX, INT, expr_value

KEPT = {"SIGN_KEY", "BUNDLE_KEY", "RELEASE"}


def _number(sym, chance):
    """A number of the range that holds now; without one, what there is."""
    for low, high, cond in sym.ranges:
        if expr_value(cond):
            base = 10 if sym.type == INT else 16
            value = chance.randint(int(low.str_value, base), int(high.str_value, base))
            return str(value) if sym.type == INT else hex(value)
    return sym.str_value


def _choose_member(choice, chance):
    members = [sym for sym in choice.syms if sym.visibility]
    if members:
        chance.choice(members).set_value("y")


def choose(kconf, chance):
    """Set all of it, in the order of the menus: what a value makes visible comes behind it."""
    board = kconf.named_choices["BOARD_CHOICE"]
    for node in kconf.node_iter(unique_syms=True):
        item = node.item
        if node.filename.startswith("rootfs/"):
            continue
        if item in kconf.unique_choices and item is not board:
            _choose_member(item, chance)
        elif item in kconf.unique_defined_syms and item.visibility and not item.choice and item.name not in KEPT:
            if item.type == BOOL:
                item.set_value(chance.choice("ny"))
            elif item.type in (INT, HEX):
                item.set_value(_number(item, chance))
