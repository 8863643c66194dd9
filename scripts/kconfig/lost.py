# SPDX-License-Identifier: Apache-2.0
"""Finds what a configuration file says and the configuration does not do.

Kconfig on its own drops such values without a word. Each finding is one line:
    <file>:<line>: <what stands there>: <why it is lost>; <the way out>
"""

import difflib
import re

from kconfiglib import (AND, BOOL, HEX, INT, OR, STRING, TYPE_TO_STR, Symbol, expr_items, expr_str, expr_value,
                        split_expr, unescape)

SET = re.compile(r"CONFIG_([A-Za-z0-9_]+)=(.*)$")
UNSET = re.compile(r"# CONFIG_([A-Za-z0-9_]+) is not set$")
NUMBER = {INT: re.compile(r"-?[0-9]+$"), HEX: re.compile(r"(0[xX])?[0-9a-fA-F]+$")}
QUOTED = re.compile(r'"((?:[^\\"]|\\.)*)"$')


class Line:
    """One assignment: @value is as written, None for "is not set"."""

    def __init__(self, path, number, text, name, value):
        self.where = f"{path}:{number}"
        self.number = number
        self.text = text
        self.name = name
        self.value = value

    def lost(self, why):
        return f"{self.where}: {self.text.lstrip('# ')}: {why}"


def parse(path):
    """Return (assignments, problems) of the file."""
    lines, problems = [], []
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            text = text.rstrip()
            match = SET.match(text)
            if match:
                lines.append(Line(path, number, text, match[1], match[2]))
                continue
            match = UNSET.match(text)
            if match:
                lines.append(Line(path, number, text, match[1], None))
            elif text and not text.startswith("#"):
                problems.append(f"{path}:{number}: {text}: not understood; write CONFIG_NAME=value without spaces, "
                                "or # before a comment")
    return lines, problems


def find(kconf, path):
    """Every lost value of the file that @kconf has just loaded, and every select that breaks a dependency."""
    lines, problems = parse(path)
    last = {line.name: line for line in lines}
    for line in lines:
        sym = kconf.syms.get(line.name)
        if sym is None or not sym.nodes:
            problems.append(line.lost(_unknown(kconf, line.name)))
            continue
        why = _malformed(sym, line) or _overridden(line, last[line.name]) or _without_effect(sym, line, last)
        if why:
            problems.append(line.lost(why))
    return problems + [text for text in map(_bad_select, kconf.unique_defined_syms) if text]


def _unknown(kconf, name):
    known = [sym.name for sym in kconf.unique_defined_syms]
    nearest = difflib.get_close_matches(name.upper(), known, 1, 0.0)
    return f"no such symbol; did you mean CONFIG_{nearest[0]}? Otherwise delete the line"


def _malformed(sym, line):
    if line.value is None:
        if sym.type == BOOL or not sym.str_value:
            return None
        empty = 'CONFIG_%s=""' % sym.name if sym.type == STRING else "a number"
        return f"only a bool can be \"not set\", and this is of type {TYPE_TO_STR[sym.type]}; " \
               f"write {empty}, or delete the line"
    if sym.type == BOOL and line.value not in ("y", "n"):
        return "the value of a bool is y or n; write one of them"
    if sym.type == STRING and not QUOTED.match(line.value):
        return f'a string stands in double quotes; write CONFIG_{sym.name}="..."'
    if sym.type in NUMBER and not NUMBER[sym.type].match(line.value):
        return f"not a number of type {TYPE_TO_STR[sym.type]}; write " \
               f"{'digits only' if sym.type == INT else '0x and hexadecimal digits'}"
    return None


def _overridden(line, last):
    if line is last or line.value == last.value:
        return None
    return f"line {last.number} sets it again, to {last.value or 'n'}; delete one of the two lines"


def _without_effect(sym, line, last):
    if _same(sym, line.value):
        return None
    if sym.choice and sym.visibility:
        return _lost_choice(sym, line, last)
    if not any(node.prompt for node in sym.nodes):
        return f"it is not for choosing but computed, here to {sym.str_value or 'nothing'}; delete the line and set " \
               "what it is computed from"
    if sym.type == BOOL and (line.value or "n") == "n" and expr_value(sym.rev_dep):
        by = ", ".join(f"CONFIG_{name}" for name in _selectors(sym))
        return f"{by} selects it; set that to n, or delete the line"
    if not sym.visibility:
        return _unmet(sym)
    for low, high, cond in sym.ranges:
        if expr_value(cond):
            return f"out of range: {low.str_value} to {high.str_value} is allowed; write such a number"
    return f"the value is {sym.str_value} all the same; delete the line"


def _same(sym, value):
    if sym.type == BOOL:
        return sym.str_value == (value or "n")
    if value is None:
        return not sym.str_value
    if sym.type == STRING:
        return sym.str_value == unescape(QUOTED.match(value)[1])
    base = 10 if sym.type == INT else 16
    return sym.str_value != "" and int(sym.str_value, base) == int(value, base)


def _lost_choice(sym, line, last):
    title = next(node.prompt[0] for node in sym.choice.nodes if node.prompt)
    winner = sym.choice.selection
    if winner is None or winner is sym:
        return f'the choice "{title}" needs a member that is y, and so takes this one; set another one to y'
    rival = last.get(winner.name)
    where = f" (line {rival.number})" if rival else ""
    return f'the choice "{title}" goes to CONFIG_{winner.name}{where}, and only one member can be y; ' \
           f"delete this line or make it CONFIG_{winner.name}=n" + (f" in line {rival.number}" if rival else "")


def _unmet(sym):
    terms = []
    for node in sym.nodes:
        if node.prompt:
            terms += [term for term in split_expr(node.prompt[1], AND) if not expr_value(term)]
    terms = list(dict.fromkeys(terms))
    if all(isinstance(term, Symbol) for term in terms):
        needs = " and ".join(f"CONFIG_{term.name}=y" for term in terms)
        way_out = f"set {needs}, or delete this line"
    else:
        needs = " and ".join(map(expr_str, terms))
        way_out = "change that, or delete this line"
    named = {item for term in terms for item in expr_items(term)
             if isinstance(item, Symbol) and item.nodes}
    now = ", ".join(f"CONFIG_{item.name} is {item.str_value or 'empty'}"
                    for item in sorted(named, key=lambda item: item.name))
    return f"it needs {needs}, but {now}; so its value is {sym.str_value or 'nothing'}; {way_out}"


def _selectors(sym):
    """Names of the symbols whose select makes @sym y now."""
    return [term.name if isinstance(term, Symbol) else
            next(item.name for item in split_expr(term, AND) if isinstance(item, Symbol))
            for term in split_expr(sym.rev_dep, OR) if expr_value(term)]


def _bad_select(sym):
    if expr_value(sym.rev_dep) <= expr_value(sym.direct_dep):
        return None
    by = " and ".join(_selectors(sym))
    node = sym.nodes[0]
    return f"{node.filename}:{node.linenr}: CONFIG_{sym.name}: selected by {by}, but {expr_str(sym.direct_dep)} " \
           f"is not met; give what selects it the same dependency"
