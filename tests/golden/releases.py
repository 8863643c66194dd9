# SPDX-License-Identifier: Apache-2.0
"""CONFIG_RELEASE: each refusal is a message that stands here, word for word; what may be released is not refused."""
from tests.frontend.builds import configure
from tests.runner.context import expect

KEY = "0123456789abcdef: RSA-4096, Acme"
GOOD = {"key": KEY, "hardened": "yes", "store": "env"}
DEV = ("CONFIG_RELEASE: the image would be signed by INSECURE DEV KEY, which every program of this user can read; "
       "set CONFIG_SIGN_KEY to yours\n")
SMALL = ("CONFIG_RELEASE: the signing key is RSA-2048; take one of 3072 bits or more: openssl genrsa -out KEY.pem 3072\n")
FILE = ("CONFIG_RELEASE: the signing key is a file on the machine that builds; sign elsewhere, or allow it by "
        "CONFIG_RELEASE_KEY_FILE=y\n")
BUNDLE = ("CONFIG_RELEASE: what CONFIG_BUNDLE_KEY is for would be signed by INSECURE DEV KEY, which every program of this user can read; "
          "set CONFIG_BUNDLE_KEY to yours\n")
UPDATE = ("CONFIG_RELEASE: the update key is RSA-2048; take one of 3072 bits or more: openssl genrsa -out KEY.pem 3072\n"
          "CONFIG_RELEASE: the update key is a file on the machine that builds; sign elsewhere, or allow it by "
          "CONFIG_RELEASE_KEY_FILE=y\n")
OPEN = ("CONFIG_RELEASE: boards/acme/image.cfg: hardened = no: this U-Boot starts unsigned code when told to; take a board whose "
        "U-Boot is built here (select U_BOOT_SOURCE), or harden its own\n")
NONE = ("CONFIG_RELEASE: boards/acme/image.cfg: no firmware that we know verifies what starts on this board; take one with a boot "
        "loader\n")
STORE = ("CONFIG_RELEASE: the board keeps no lowest version (CONFIG_ROLLBACK_STORE is none), so that older images start; take a "
         "board with one, or allow it by CONFIG_RELEASE_WITHOUT_ROLLBACK=y\n")
INPUT = ("CONFIG_RELEASE: CONFIG_CONSOLE_INPUT=y: who reaches the board's console types at the domains' shells and reads what they said; "
         "switch it off, or allow it by CONFIG_RELEASE_CONSOLE_INPUT=y\n")
HALT = ("CONFIG_RELEASE: CONFIG_PANIC_HALT=y: a panic leaves CPUs and memory as they are, for a debugger; take CONFIG_PANIC_RESET or "
        "CONFIG_PANIC_POWER_OFF\n")
TEST = ("CONFIG_RELEASE: CONFIG_STORE_TEST_END=y: what is typed at a console ends a domain, for tests; switch it off\n")
ATTACK = ("CONFIG_RELEASE: CONFIG_DOMAIN_POKE=y: this domain is there to attack the others, or to try them out; leave it out\n")
CASES = {
    "accepted": ({}, True, ""),
    "dev-key": ({"key": "0123456789abcdef: RSA-3072, INSECURE DEV KEY"}, True, DEV),
    "small-key": ({"key": "0123456789abcdef: RSA-2048, Acme"}, True, SMALL),
    "least-key": ({"key": "0123456789abcdef: RSA-3072, Acme"}, True, ""),
    "key-file": ({}, False, FILE),
    "key-token": ({"key": KEY + ", in a token"}, False, ""),
    "bundle-dev-key": ({"role-key": "BUNDLE=89: ECDSA P-256, INSECURE DEV KEY"}, True, BUNDLE),
    "update-key": ({"role-key": "UPDATE=89: RSA-2048, Acme", "key": KEY + ", in a token"}, False, UPDATE),
    "not-hardened": ({"hardened": "no"}, True, OPEN),
    "no-firmware": ({"hardened": ""}, True, NONE),
    "no-store": ({"store": "none"}, True, STORE),
    "store-ignored": ({"store": "ignored"}, True, ""),
    "console-input": ({"debug": "CONSOLE_INPUT"}, True, INPUT),
    "panic-halt": ({"debug": "PANIC_HALT"}, True, HALT),
    "test-switch": ({"debug": "STORE_TEST_END"}, True, TEST),
    "test-domain": ({"debug": "DOMAIN_POKE"}, True, ATTACK),
    "all": ({"key": "0123456789abcdef: RSA-2048, Acme", "hardened": "no", "store": "none"}, False, SMALL + FILE + OPEN + STORE),
}


def message(ctx):
    """What it says, and whether that ends the build."""
    change, allowed, want = CASES[ctx.args["case"]]
    args = [f"--{name}={value}" for name, value in {**GOOD, **change}.items()]
    said = ctx.run(ctx.python, "scripts/image/release.py", "--board-cfg", "boards/acme/image.cfg", *args,
                   *(["--allow-key-file"] if allowed else []), status=1 if want else 0)
    expect(said == want, f"it says: {said}")


def build(ctx):
    """A build that is refused packs and signs nothing, and names everything at once."""
    out = ctx.work / "build"
    configure(ctx, out, {"CONFIG_RELEASE": "y", "CONFIG_DOMAIN_SET_DEMO": "y", "CONFIG_PANIC_HALT": "y"}, board="qemu_arm64_gicv2")
    said = ctx.make(o=out, status="error")
    for words in ("INSECURE DEV KEY", "hardened = no", "keeps no lowest version", "CONFIG_CONSOLE_INPUT=y", "CONFIG_PANIC_HALT=y"):
        expect(words in said, f'"{words}" was not said')
    expect(not (out / "bundle.unsigned").exists() and not (out / "images/ashlar.itb").exists(), "something was packed")
