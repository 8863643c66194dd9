# SPDX-License-Identifier: Apache-2.0
"""What the fetcher must do when everything is well, and say when something is not.

No test here uses a network: the mirror is a folder, signed by a key of its own.
"""
import functools
import http.server
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from tests.fetch.archive import Archive, digest
from tests.runner.context import expect, skip


def read(path):
    """The content of a file."""
    return Path(path).read_bytes()


def refused(text, *parts):
    """Expect exactly one error, which says all the parts."""
    errors = [line for line in text.splitlines() if line.startswith("fetch: error:")]
    expect(len(errors) == 1, f"{len(errors)} errors instead of one")
    expect("Traceback" not in text, "a traceback instead of an error")
    said = text[text.index("fetch: error:"):]
    for part in parts:
        expect(part in said, f"the error does not say \"{part}\"")


def one_package(ctx, content=b"first\n"):
    """An archive with one package, published."""
    archive = Archive(ctx)
    archive.add("stone", "1.0", content)
    archive.publish()
    return archive


def run(ctx):
    """Run the case that the matrix names."""
    globals()["case_" + ctx.args["case"].replace("-", "_")](ctx)


def case_takes_only_what_is_wanted(ctx):
    """The wanted files are there, the others not; the cost is said before apt starts."""
    archive = one_package(ctx)
    text = archive.fetch()
    expect(read(archive.file_of("stone")) == b"first\n", "the file's content is wrong")
    top = Path(archive.file_of("stone")).parents[3]
    expect(not (top / "usr/share/unwanted").exists(), "an unwanted file was unpacked")
    expect(not list((archive.cache / "downloads").iterdir()), "an archive was left behind")
    expect(text.index(" to download") < text.index("index of trixie"), "cost said too late")


def case_keeps_until_asked(ctx):
    """A newer version is taken by --update only; a lock brings the older one back."""
    archive = one_package(ctx)
    archive.fetch()
    lock = ctx.work / "old.lock"
    lock.write_bytes(read(ctx.work / "out/payloads.lock"))
    expect(b"file:" not in lock.read_bytes(), "the lock names an address")
    archive.add("stone", "2.0", b"second\n")
    archive.publish()
    archive.fetch()
    expect(read(archive.file_of("stone")) == b"first\n", "changed without being asked")
    archive.fetch("--update")
    expect(read(archive.file_of("stone")) == b"second\n", "--update took no newer version")
    archive.fetch("--lock", lock, OFFLINE=1)
    expect(read(archive.file_of("stone")) == b"first\n", "the lock was not followed")
    expect(read(ctx.work / "out/payloads.lock") == lock.read_bytes(), "another lock was written")


def case_lock_of_a_version_gone(ctx):
    """A lock whose version is neither in the cache nor on the mirror is refused by name."""
    archive = one_package(ctx)
    archive.fetch()
    lock = ctx.work / "old.lock"
    lock.write_bytes(read(ctx.work / "out/payloads.lock"))
    archive.add("stone", "2.0", b"second\n")
    archive.publish()
    archive.cache = ctx.work / "empty"
    refused(archive.fetch("--lock", lock, status=1), "no longer has stone 1.0", "it has 2.0")
    lock.write_text(lock.read_text().replace(" 1.0 ", " 2.0 "))
    refused(archive.fetch("--lock", lock, status=1), "not the one the lock names")
    lock.write_text("stone 2.0\n")
    refused(archive.fetch("--lock", lock, status=1), "old.lock:1:")
    expect(not archive.entries(), "a refused lock left an entry")


def case_offline(ctx):
    """OFFLINE=1 names what is missing, and needs nothing when nothing is."""
    archive = one_package(ctx)
    refused(archive.fetch(status=1, OFFLINE=1), "OFFLINE=1", "stone", "make fetch")
    archive.fetch()
    archive.mirror.rename(ctx.work / "gone")
    archive.fetch(OFFLINE=1)
    archive.fetch("--update", OFFLINE=1)
    archive.fetch()


def case_two_definitions(ctx):
    """Two work trees whose definitions differ share a cache: neither takes the other's payload away."""
    archive = one_package(ctx)
    archive.fetch()
    other = archive.payloads.with_name("other-payloads")
    shutil.copytree(archive.payloads, other)
    definition = other / "stone.conf"
    definition.write_text(definition.read_text(encoding="utf-8") + "\tusr/share/unwanted\n", encoding="utf-8")
    mine, archive.payloads = archive.payloads, other
    archive.fetch()
    archive.payloads = mine
    archive.fetch(OFFLINE=1)


def case_no_right(ctx):
    """A cache that cannot be made is refused with the way out."""
    archive = one_package(ctx)
    archive.cache = Path("/proc/nowhere")
    refused(archive.fetch(status=1), "/proc/nowhere", "ASHLAR_CACHE")


def case_wrong_checksum(ctx):
    """A package that is not the one in the signed index never reaches the cache."""
    archive = one_package(ctx)
    deb = next(archive.pool.glob("*.deb"))
    data = deb.read_bytes()
    deb.write_bytes(data.replace(b"first", b"worse"))
    refused(archive.fetch(status=1), "stone_1.0_arm64.deb", "checksum")
    expect(not archive.entries(), "a refused package left an entry")
    deb.write_bytes(data)
    archive.fetch()


def case_wrong_index(ctx):
    """A changed index and one signed by another key are refused."""
    archive = one_package(ctx)
    index = archive.mirror / "dists/trixie/main/binary-arm64/Packages"
    good = index.read_text()
    index.write_text(good.replace("Version: 1.0", "Version: 1.1"))
    refused(archive.fetch(status=1), "index of trixie")
    index.write_text(good)
    release = archive.mirror / "dists/trixie-security/Release"
    text = release.read_text()
    release.write_text(text.replace("2020", "2021"))
    refused(archive.fetch(status=1), "No key of the keyring signed it", "ASHLAR_KEYRING")
    release.write_text(text)
    signature = archive.mirror / "dists/trixie-security/Release.gpg"
    good = signature.read_bytes()
    signature.unlink()
    lax, _ = _host_apt(ctx, "")
    lax.write_text(lax.read_text() + 'Acquire::AllowInsecureRepositories "true";\n')
    fresh = ctx.work / "fresh"              # where this very Release was never seen signed
    refused(archive.fetch(status=1, APT_CONFIG=lax, ASHLAR_CACHE=fresh), "No key of the keyring")
    signature.write_bytes(good)
    other = Archive(_sub(ctx, "other"))
    refused(archive.fetch(status=1, ASHLAR_KEYRING=other.keyring), "No key of the keyring")
    expect(not archive.entries(), "a refused index left an entry")
    archive.fetch()


def _sub(ctx, name):
    """A context with a work folder of its own."""
    return type(ctx)(ctx.root, ctx.out, f"{ctx.name}.{name}", {})


def case_damaged_cache(ctx):
    """A flipped byte, a lost file and a torn description in the cache are noticed."""
    archive = one_package(ctx)
    archive.fetch()
    path = Path(archive.file_of("stone"))
    path.write_bytes(b"worst\n")
    refused(archive.fetch(status=1), "damaged", "rm -r")
    path.unlink()
    refused(archive.fetch(status=1), "damaged", "rm -r")
    path.write_bytes(b"first\n")
    archive.fetch()
    known = next(archive.cache.glob("objects/*")) / "verified"
    expect(not known.exists(), "a file just written counts as settled")
    time.sleep(2.2)                         # until it does
    archive.fetch()
    expect(known.exists(), "the files' times were not kept")
    times = path.stat()
    path.write_bytes(b"worst\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    refused(archive.fetch(status=1), "damaged", "rm -r")
    path.write_bytes(b"first\n")
    archive.fetch()
    entry = next(archive.cache.glob("objects/*/entry.json"))
    entry.write_text(entry.read_text()[:40])
    refused(archive.fetch(status=1), "damaged")


def case_missing_package(ctx):
    """A package that the archive does not have, or whose main file it lacks, is named."""
    archive = one_package(ctx)
    definition = archive.payloads / "stone.conf"
    text = definition.read_text()
    definition.write_text(text.replace("package = stone", "package = brick"))
    refused(archive.fetch(status=1), "no package brick")
    definition.write_text(text.replace("main = usr/share/stone/data", "main = usr/share/sand"))
    refused(archive.fetch(status=1), "usr/share/sand")
    expect(not archive.entries(), "a half-written entry was left")


def case_bad_definition(ctx):
    """A mistake in a definition is named with its file."""
    archive = one_package(ctx)
    definition = archive.payloads / "stone.conf"
    text = definition.read_text()
    definition.write_text(text + "colour = grey\n")
    refused(archive.fetch(status=1), "stone.conf", "colour")
    definition.write_text(text.replace("suite = trixie\n", ""))
    refused(archive.fetch(status=1), "stone.conf", "suite")


def case_full_disk(ctx):
    """A disk that fills up while fetching: one error, nothing half-written."""
    apart = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        skip("this machine lets no user make a mount namespace")
    archive = one_package(ctx, bytes(6 << 20))
    archive.cache = ctx.work / "small"
    archive.cache.mkdir()
    script = ('mount -t tmpfs -o size="$1" tmpfs "$2" || exit 77; shift 2; '
              '"$@"; status=$?; ls -A "$ASHLAR_CACHE/objects"; exit $status')
    for size in ("150m", "4m"):
        text = ctx.run(*apart, "sh", "-c", script, "sh", size, archive.cache,
                       *archive.command(), status=None, env=archive.env())
        if ctx.status == 77:
            skip("this machine lets no user mount a tmpfs")
        expect(ctx.status == (0 if size == "150m" else 1), f"wrong status with {size}")
    refused(text, "only", "make room or set ASHLAR_CACHE")
    _fill_while_unpacking(ctx, archive, apart, script)


def _fill_while_unpacking(ctx, archive, apart, script):
    """The estimate fits, but something else takes the room before the files are unpacked."""
    hog = ctx.work / "bin"
    hog.mkdir()
    tool = hog / "dpkg-deb"
    tool.write_text('#!/bin/sh\ndd if=/dev/zero of="$ASHLAR_CACHE/hog" bs=64k 2>/dev/null\n'
                    'exec /usr/bin/dpkg-deb "$@"\n')
    tool.chmod(0o755)
    env = archive.env()
    env["PATH"] = f"{hog}:{env['PATH']}"
    text = ctx.run(*apart, "sh", "-c", script, "sh", "150m", archive.cache,
                   *archive.command(), status=1, env=env)
    refused(text, "no space left")
    expect(text.rstrip().splitlines()[-1].startswith("fetch: error:"), "an entry was left")


def _host_apt(ctx, source):
    """An APT_CONFIG of a host with one line in its sources.list; returns the file and its lists."""
    lists = ctx.work / "host/lists"
    (lists / "partial").mkdir(parents=True)
    (ctx.work / "host/sources.list").write_text(source)
    config = ctx.work / "host/apt.conf"
    config.write_text(f'Dir::Etc::sourcelist "{ctx.work}/host/sources.list";\n'
                      'Dir::Etc::sourceparts "/dev/null";\nDir::Etc::parts "/dev/null";\n'
                      f'Dir::State::lists "{lists}/";\n')
    return config, lists


def case_foreign_host(ctx):
    """On a host whose apt is another distribution's, the line to type is given."""
    archive = one_package(ctx)
    config, lists = _host_apt(ctx, "deb [trusted=yes] http://invalid/elsewhere jammy main\n")
    start, sums = "invalid_elsewhere_dists_jammy", ""
    for arch in ("amd64", "arm64"):
        (lists / f"{start}_main_binary-{arch}_Packages").write_text("")
        sums += f" {digest(b'')} 0 main/binary-{arch}/Packages\n"
    (lists / f"{start}_Release").write_text(
        "Origin: Elsewhere\nLabel: Elsewhere\nSuite: jammy\nCodename: jammy\n"
        "Date: Sun, 13 Sep 2020 12:26:40 UTC\nArchitectures: amd64 arm64\nComponents: main\n"
        "SHA256:\n" + sums)
    host = {"APT_CONFIG": config, "ASHLAR_MIRROR": "", "ASHLAR_SECURITY_MIRROR": ""}
    refused(archive.fetch(status=1, **host), "not Debian's but Elsewhere's",
            "make fetch ASHLAR_MIRROR=", "ASHLAR_SECURITY_MIRROR=", "ASHLAR_KEYRING=")
    archive.fetch(APT_CONFIG=config)
    (ctx.work / "host/sources.list").write_text("")
    archive.cache = ctx.work / "other"
    refused(archive.fetch(status=1, **host), "names no Debian mirror", "make fetch ASHLAR_MIRROR=")


def case_no_security_mirror(ctx):
    """A host that names a main mirror only: its sibling is tried; without one, it is said."""
    if "ID=debian" not in Path("/etc/os-release").read_text().splitlines():
        skip("this host is not Debian")
    archive = one_package(ctx)
    mirror = ctx.work / "debian"
    archive.mirror.rename(mirror)
    config, _ = _host_apt(ctx, f"deb [trusted=yes] file:{mirror} bookworm main\n")
    host = {"APT_CONFIG": config, "ASHLAR_MIRROR": "", "ASHLAR_SECURITY_MIRROR": ""}
    expect("without security updates" in archive.fetch(**host), "said nothing")
    archive.cache = ctx.work / "other"
    (ctx.work / "debian-security").symlink_to(mirror)
    expect("without security updates" not in archive.fetch(**host), "took no sibling")
    sources = archive.cache / "apt/trixie-arm64/sources.list"
    expect("debian-security trixie-security" in sources.read_text(), "took no sibling")


def case_source_with_patches(ctx):
    """Debian's patches are applied in their order; a missing .dsc does not matter."""
    archive = Archive(ctx)
    patches = {"debian/patches/series": "one.patch\n# a remark\ntwo.patch\n",
               "debian/patches/one.patch": "Why: a test\n\n--- a/code.c\n+++ b/code.c\n"
                                           "@@ -1 +1 @@\n-int a;\n+int b;\n",
               "debian/patches/two.patch": "--- old/code.c\n+++ new/code.c\n"
                                           "@@ -1 +1 @@\n-int b;\n+int c;\n"}
    upstream = {"wall-1.0/code.c": "int a;\n", "wall-1.0/lib/x.c": "int x;\n",
                "wall-1.0/doc/y": "unwanted\n"}
    archive.add_source("wall", "1.0-1", upstream, patches)
    archive.publish()
    archive.fetch()
    path = Path(archive.file_of("wall"))
    expect(path.read_text() == "int c;\n", "the patches were not applied in order")
    expect((path.parent / "lib/x.c").exists(), "a wanted file is missing")
    expect(not (path.parent / "doc").exists(), "an unwanted file was kept")
    changed = dict(upstream, **{"wall-1.0/lib/x.c": "int y;\n"})
    archive.add_source("wall", "1.0-1+security", changed, patches, suite="trixie-security")
    archive.publish()
    archive.fetch("--update")
    path = Path(archive.file_of("wall"))
    expect((path.parent / "lib/x.c").read_text() == "int y;\n", "the security update was not taken")
    patches["debian/patches/two.patch"] = patches["debian/patches/one.patch"]
    archive.add_source("wall", "1.0-2", upstream, patches)
    archive.publish()
    refused(archive.fetch("--update", status=1), "two.patch does not apply")
    expect(len(archive.entries()) == 2, "a half-patched tree was left")


def case_unsafe_archive(ctx):
    """An archive whose paths lead out of it creates nothing."""
    archive = Archive(ctx)
    upstream = {"wall-1.0/lib/../../../escaped": "x", "wall-1.0/code.c": ""}
    archive.add_source("wall", "1.0-1", upstream, {"debian/patches/series": ""})
    archive.publish()
    refused(archive.fetch(status=1), "leads out of it")
    expect(not list(ctx.work.rglob("escaped")), "a file was created outside")


def case_two_at_once(ctx):
    """Two fetches into one cache: both succeed, one of them fetches."""
    archive = one_package(ctx, bytes(1 << 20))
    running = [subprocess.Popen([str(word) for word in archive.command()], env=archive.env(),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
               for _ in range(2)]
    texts = [process.communicate()[0] for process in running]
    print(*texts, sep="----\n")
    expect(all(process.returncode == 0 for process in running), "one of the two failed")
    expect(sum("index of trixie" in text for text in texts) == 1, "both of them fetched")
    expect(len(archive.entries()) == 1, "not exactly one entry")


class _Halting(http.server.SimpleHTTPRequestHandler):
    """Sends half of a package the first time it is asked for, and remembers Range requests."""
    protocol_version = "HTTP/1.1"
    half_sent = threading.Event()
    ranges = []

    def do_GET(self):
        """Serve a file; a package in two halves."""
        path = Path(self.directory) / self.path.lstrip("/")
        if path.suffix != ".deb":
            super().do_GET()
            return
        data = path.read_bytes()
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.ranges.append(start)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Last-Modified", self.date_time_string(int(path.stat().st_mtime)))
        self.end_headers()
        self.wfile.write(data[start:] if wanted else data[:len(data) // 2])
        self.wfile.flush()
        if not wanted:
            self.half_sent.set()
            self.rfile.read(1)              # until the other side goes away


def case_resumes(ctx):
    """A fetch that was interrupted goes on where it stopped."""
    archive = one_package(ctx, bytes(range(256)) * (1 << 14))
    handler = functools.partial(_Halting, directory=str(archive.mirror))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        env = archive.env(ASHLAR_MIRROR=address, ASHLAR_SECURITY_MIRROR=address,
                          no_proxy="127.0.0.1")
        with subprocess.Popen([str(word) for word in archive.command()], env=env,
                              start_new_session=True) as process:
            expect(_Halting.half_sent.wait(60), "the package was never asked for")
            while not any(path.stat().st_size for path in archive.cache.glob("downloads/*")):
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)
        expect(process.returncode != 0, "an interrupted fetch claims success")
        expect(not archive.entries(), "an interrupted fetch left an entry")
        ctx.run(*archive.command(), env=env)
        server.shutdown()
    expect(_Halting.ranges and _Halting.ranges[0] > 0, "the second fetch began anew")
