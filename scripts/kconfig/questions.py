# SPDX-License-Identifier: Apache-2.0
"""`make oldconfig`: asks for the symbols that a configuration does not set yet, one line each."""

from kconfiglib import BOOL, Choice, Symbol


def new_symbols(kconf):
    """Visible symbols without a value of the user's, in menu order."""
    return [node.item for node in kconf.node_iter(unique_syms=True)
            if isinstance(node.item, Symbol) and _is_new(node.item)]


def _is_new(sym):
    if not sym.visibility or sym.user_value is not None:
        return False
    if sym.choice:
        return sym.choice.user_selection is None and sym.choice.visibility > 0
    return sym.type != BOOL or len(sym.assignable) > 1


def ask_new(kconf):
    """Ask until nothing is new; an answer may make more symbols visible."""
    while True:
        node = next((node for node in kconf.node_iter() if _is_open(node)), None)
        if node is None:
            return
        if isinstance(node.item, Choice):
            _ask_choice(node)
        else:
            _ask_symbol(node)


def _is_open(node):
    if not node.prompt:
        return False
    if isinstance(node.item, Choice):
        return any(_is_new(sym) for sym in node.item.syms)
    return isinstance(node.item, Symbol) and not node.item.choice and _is_new(node.item)


def _read(prompt):
    try:
        return input(prompt).strip()
    except EOFError:
        raise OSError("the input ended before every new symbol had an answer "
                      "(`make olddefconfig` takes the defaults)") from None


def _ask_symbol(node):
    sym = node.item
    while True:
        answer = _read(f"{node.prompt[0]} (CONFIG_{sym.name}) [{sym.str_value}] ")
        if answer == "?":
            print(node.help or "")
        elif not answer:
            sym.set_value(sym.str_value)
            return
        elif sym.set_value(answer) and sym.str_value == answer:
            return
        else:
            sym.unset_value()
            print(f"{answer} is not possible here; ? shows what it means.")


def _ask_choice(node):
    members = [sym for sym in node.item.syms if sym.visibility]
    print(node.prompt[0])
    for number, sym in enumerate(members, 1):
        mark = ">" if sym is node.item.selection else " "
        print(f" {mark} {number}. {sym.nodes[0].prompt[0]} (CONFIG_{sym.name})")
    while True:
        answer = _read(f"choice [1-{len(members)}] ")
        if answer == "?":
            print(node.help or "")
        elif not answer:
            node.item.selection.set_value(2)
            return
        elif answer.isdigit() and 1 <= int(answer) <= len(members):
            members[int(answer) - 1].set_value(2)
            return
        else:
            print(f"Type a number from 1 to {len(members)}, or nothing for the marked one.")
