# SPDX-License-Identifier: Apache-2.0
"""U-Boot from source, on a made-up one: built once, refused when it does not take over a setting, its last words when it fails."""
from tests.runner.context import expect

# Takes over what it knows, as Kconfig does; what is built holds the configuration.
MAKEFILE = """\
olddefconfig:
	@grep -v CONFIG_UNKNOWN $(O)/.config > $(O)/new; mv $(O)/new $(O)/.config
u-boot-nodtb.bin:
	@if grep -q CONFIG_BROKEN $(O)/.config; then echo it is broken; exit 1; fi
	@echo built >> times; cp $(O)/.config $(O)/$@
"""


def check(ctx):
    """See the head of this file."""
    source = ctx.work / "source"
    (source / "configs").mkdir(parents=True)
    (source / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    (source / "configs/soc_defconfig").write_text("CONFIG_SOC=y\n", encoding="utf-8")
    settings, out = ctx.work / "u-boot.config", ctx.work / "out.bin"

    def run(text, *more, status=0):
        settings.write_text(text, encoding="utf-8")
        out.unlink(missing_ok=True)
        said = ctx.run(ctx.python, "scripts/image/u_boot.py", "--source", source, "--defconfig", "soc_defconfig", "--config",
                       settings, "--cross", "aarch64-linux-gnu-", "--cache", ctx.work / "kept", "--output", out,
                       "--made-config", ctx.work / "made", *more, status=status)
        expect(out.exists() == (status == 0), "a failure left a result, or a success none")
        return said

    command = ctx.work / "u-boot.cmd"
    command.write_text('# why\nif test "${slot}" = b; then\n\techo b;\nfi;\n\nreset\n', encoding="utf-8")
    closed = "# CONFIG_CMD_GO is not set\nCONFIG_FIT_SIGNATURE=y\n"
    run(closed)
    expect(out.read_text(encoding="utf-8") == "CONFIG_SOC=y\n" + closed, "built of another configuration")
    run(closed)
    run(closed + "CONFIG_BOOTDELAY=-2\n")
    built = (source / "times").read_text(encoding="utf-8").count("built")
    expect(built == 2, f"two configurations were built {built} times")

    run(closed, "--command", command)
    want = 'CONFIG_BOOTCOMMAND="if test \\"${slot}\\" = b; then echo b; fi; reset"\n'
    expect((ctx.work / "made").read_text(encoding="utf-8").endswith(closed + want), "another boot command was built in")

    said = run(closed + "CONFIG_UNKNOWN=y\n", status=1)
    expect(said.endswith(f"{settings}: U-Boot does not take over: CONFIG_UNKNOWN=y; correct these lines\n"), "another refusal")
    said = run("CONFIG_BROKEN=y\n", status=1)
    expect("not built; its last words:\nit is broken" in said, "no word of why")
    kept = sorted(p.suffix for p in (ctx.work / "kept").iterdir())
    expect(kept == ["", ".bin", ".bin", ".bin", ".config", ".config", ".config"], f"kept is {kept}, not what was built")
