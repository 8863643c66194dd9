# SPDX-License-Identifier: Apache-2.0
"""A root file system of Debian's packages, made without root: unpacked and never configured.

apt chooses and verifies them (scripts/fetch); what their scripts would have made at installation is written here, as far as
a login wants it. Owners are root's, for the files are unpacked and read by one who is root in a name space of its own.
"""
import os
import sys

PACKAGES = ("base-files base-passwd bash coreutils dash debianutils diffutils findutils grep gzip hostname init-system-helpers "
            "libc-bin libpam-modules libpam-runtime login mount ncurses-base passwd procps sed systemd systemd-sysv tar udev "
            "util-linux").split()

# $1: folder, $2: image, $3: its size, then the archives
MAKE = r"""
top=$1 image=$2 size=$3
shift 3
for deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -x --no-same-owner -p -C "$top"
done
rm -rf "$top"/usr/share/doc "$top"/usr/share/man "$top"/usr/share/locale
sed 's/^root:[^:]*:/root::/' "$top"/usr/share/base-passwd/passwd.master > "$top"/etc/passwd
cp "$top"/usr/share/base-passwd/group.master "$top"/etc/group
for what in auth account password session; do
	echo "$what required pam_unix.so nullok" > "$top"/etc/pam.d/common-$what
done
cp "$top"/etc/pam.d/common-session "$top"/etc/pam.d/common-session-noninteractive
echo debian > "$top"/etc/hostname
echo 61736c6172617368617368617368617a > "$top"/etc/machine-id
echo '/dev/xvda / ext4 rw,relatime 0 0' > "$top"/etc/fstab
echo 'set enable-bracketed-paste off' > "$top"/etc/inputrc
mke2fs -q -t ext4 -L debian -m 0 -d "$top" "$image" "$size"
"""


def _archives(ctx, folder):
    """The packages and all that they depend on, in the order in which they are unpacked."""
    sys.path.insert(0, str(ctx.root / "scripts/fetch"))
    from apt import AptRoot, parse_uris                     # pylint: disable=import-outside-toplevel
    from host import Mirrors, run                           # pylint: disable=import-outside-toplevel
    root = AptRoot(str(folder / "apt"), "trixie", "arm64", Mirrors())
    root.update()
    listed = parse_uris(run(["apt-get", "install", "--print-uris", "--yes", "--no-install-recommends",
                             "-o", "Acquire::ForceHash=SHA256", *PACKAGES], root.env))
    # base-files has the links /bin, /lib and /sbin
    listed.sort(key=lambda archive: not archive[0].startswith("base-files_"))
    return [root.download(archive, str(folder / "archives")) for archive in listed]


def make(ctx, size="256M"):
    """Returns the image."""
    kept = ctx.out / "debian-root"
    kept.mkdir(exist_ok=True)
    archives = _archives(ctx, kept)
    print(f"{len(archives)} packages")
    top, image = ctx.work / "root", ctx.work / "root.ext4"
    top.mkdir()
    as_root = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
    ctx.run(*as_root, "sh", "-euc", MAKE, "sh", top, image, size, *archives,
            env=ctx.env(PATH=f"/usr/sbin:/sbin:{os.environ['PATH']}"))
    return image
