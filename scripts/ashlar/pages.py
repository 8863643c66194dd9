# SPDX-License-Identifier: Apache-2.0
"""Manual pages and the shell's completion of `ashlar`, out of what the tool itself says: its --help is the one source.

  pages.py --tool ASHLAR --version V --out DIR      DIR/man1/*.1, DIR/completions/ashlar
"""

import argparse
import os
import re
import subprocess

EXIT = [("0", "Done; of diff: the same."), ("1", "Refused: a finding in what the user wrote, a signature or digest that does "
        "not verify; of diff: different."), ("2", "Called wrongly, or the machine failed, as on a full disk.")]

COMPLETION = """\
# SPDX-License-Identifier: Apache-2.0
# Completion of ashlar for bash.
_ashlar()
{{
	local word=${{COMP_WORDS[COMP_CWORD]}} words
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "{commands} --help --version" -- "$word")
		return
	fi
	case ${{COMP_WORDS[1]}} in
{cases}
	*) words= ;;
	esac
	case $word in
	-*) mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$word") ;;
	*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}}
complete -o filenames -F _ashlar ashlar
"""


def said(tool, *words):
    """Return what the tool prints."""
    return subprocess.run([tool, *words], check=True, capture_output=True, text=True).stdout


def roff(text):
    """Return text that roff shows as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^\.", "\\\\&.", text, flags=re.MULTILINE)


def heading(name, version, summary):
    """Return the first lines of a page."""
    return (f'.\\" SPDX-License-Identifier: Apache-2.0\n.TH {name.upper()} 1 "" "ashlar {version}" "Ashlar"\n'
            f".SH NAME\n{roff(name)} \\- {roff(summary)}\n")


def status_section():
    """Return what the exit statuses mean."""
    return ".SH EXIT STATUS\n" + "".join(f".TP\n{code}\n{roff(text)}\n" for code, text in EXIT)


def split_usage(text):
    """Return (synopsis lines, description lines, [(option, text)]) of a --help."""
    synopsis, prose, options = [], [], []
    for line in text.rstrip("\n").split("\n"):
        option = re.match(r"  (-.+?)(?:  +| (?=[a-z]))(.*)", line)
        if line.startswith(("usage: ", "       ")):
            synopsis.append(line[7:])
        elif option:
            options.append([option[1], option[2]])
        elif line.startswith("   ") and options:
            options[-1][1] += " " + line.strip()
        else:
            prose.append(line)
    return synopsis, prose, options


def command_page(name, summary, text, version):
    """Return the page of a sub-command."""
    synopsis, prose, options = split_usage(text)
    page = heading(f"ashlar-{name}", version, summary) + ".SH SYNOPSIS\n.nf\n" + roff("\n".join(synopsis)) + "\n.fi\n"
    page += ".SH DESCRIPTION\n" + roff("\n".join(prose) if prose else summary[0].upper() + summary[1:] + ".") + "\n"
    if options:
        page += ".SH OPTIONS\n" + "".join(f".TP\n.B {roff(option)}\n{roff(words)}\n" for option, words in options)
    return page + status_section() + ".SH SEE ALSO\n.BR ashlar (1)\n"


def main_page(commands, version):
    """Return the page of the tool itself."""
    page = heading("ashlar", version, "check, pack, sign and explain firmware images of static domains")
    page += ".SH SYNOPSIS\n.B ashlar\nCOMMAND [OPTION...] FILE...\n.SH COMMANDS\n"
    page += "".join(f".TP\n.BR ashlar\\-{name} (1)\n{roff(summary)}\n" for name, summary in commands)
    page += (".SH ENVIRONMENT\n.TP\nSOURCE_DATE_EPOCH\nThe only clock that an output may carry, in seconds since 1970.\n"
             ".TP\nXDG_DATA_HOME\nWhere this user's key for trying is kept.\n")
    return page + status_section()


def options_of(text):
    """Return the options that a --help names, each once."""
    return list(dict.fromkeys(re.findall(r"--[a-z][a-z-]*", text)))


def main():
    """Write all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    commands = re.findall(r"^  ([a-z]+) +(\S.*)$", said(args.tool, "--help"), re.MULTILINE)
    pages = {"man1/ashlar.1": main_page(commands, args.version)}
    cases = []
    for name, summary in commands:
        text = said(args.tool, name, "--help")
        pages[f"man1/ashlar-{name}.1"] = command_page(name, summary, text, args.version)
        cases.append(f'\t{name}) words="{" ".join(options_of(text))}" ;;')
    names = " ".join(name for name, _ in commands)
    pages["completions/ashlar"] = COMPLETION.format(commands=names, cases="\n".join(cases))
    for path, text in pages.items():
        path = os.path.join(args.out, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)


if __name__ == "__main__":
    main()
