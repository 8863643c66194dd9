# SPDX-License-Identifier: Apache-2.0
"""Collect what whoever ships an image has to hand over: licence texts, corresponding sources, a written offer.

  legal.py --out DIR --project PROJECT.tar --config FILE --payload NAME=DIR... [--release]

The sources are those of exactly the versions that the build used: of a binary package the source that its index
names, and what was built into it (Built-Using). One that no mirror has is an error: then nothing may be shipped. Where the
payload's definition names binary packages of that source which hold it whole (sources-in), as Debian's linux-source does,
these are taken in its place, and it is said.
Writes DIR/licences/<payload>/, DIR/sources/<source>_<version>/, DIR/components.csv, DIR/WRITTEN-OFFER.txt.
"""

import argparse
import csv
import os
import re
import shutil
import sys

from apt import AptRoot, parse_uris
from cache import Cache, open_entry
from common import FetchError, digest_file, human, say, write_by_rename
from fetch import PAYLOADS, cache_folder
from host import Mirrors, run
from licences import NO_ASSERTION, of_entry
from payload import read_all

COMMON = "/usr/share/common-licenses"
TEXTS = re.compile(r"(?:.*/)?(copyright|LICEN[CS]E[^/]*|COPYING[^/]*|README\.license|BSD-2-Clause|GPL)|Licenses/.*")
GPL_3 = re.compile(r"\b[AL]?GPL-3\.0")

OFFER = """\
WRITTEN OFFER (a template: fill in what stands in brackets, and have it read by a lawyer)

[Your company, address] offers to give anyone who asks, for a charge no more than the cost of physically performing
the distribution, a complete machine-readable copy of the source code that corresponds to the parts of this product
under the GNU General Public License, the GNU Lesser General Public License, or another licence that asks for it.
The offer is valid for three years from the date on which you received the product, and for as long as [your company]
offers spare parts or customer support for it. Write to [address, e-mail], and name the product and its version.

These are the sources, as `sources/` of this folder holds them:
"""


def arguments():
    """Read the command line."""
    pair = lambda text: text.split("=", 1)              # noqa: E731
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder to fill")
    parser.add_argument("--project", required=True, help="archive of this project's own sources")
    parser.add_argument("--config", required=True, help="the configuration of the build")
    parser.add_argument("--payloads", default=PAYLOADS, help="folder of the definitions")
    parser.add_argument("--payload", action="append", type=pair, default=[], metavar="NAME=DIR")
    parser.add_argument("--release", action="store_true", help="warn of what a product's licence terms may not allow")
    return parser.parse_args()


class Archives:
    """The private apt roots, each brought up to date once."""

    def __init__(self, folder):
        self.folder = folder
        self.mirrors = Mirrors()
        self.roots = {}

    def root(self, suite, architecture):
        """Return the root of a suite and an architecture, or "source"."""
        if (suite, architecture) not in self.roots:
            root = AptRoot(os.path.join(self.folder, "apt"), suite, architecture, self.mirrors)
            root.update()
            self.roots[suite, architecture] = root
        return self.roots[suite, architecture]

    def sources_of(self, facts):
        """Return [(source, version)] of what an entry was made of."""
        package, version = facts["package"], facts["version"]
        if facts["architecture"] == "source":
            return [(package, version)]
        fields = self.fields_of(self.root(facts["suite"], facts["architecture"]), package, version)
        if not fields:
            raise FetchError(f"the mirror no longer has {package} {version} of {facts['suite']}, so nothing says what its "
                             "source is; `make fetch` and build anew, or let ASHLAR_MIRROR name an archive of old versions")
        found = [source_of(fields, version)]
        for field in ("Built-Using", "Static-Built-Using"):
            found += re.findall(r"(\S+) \(= ([^)]+)\)", fields.get(field, ""))
        return found

    def fields_of(self, root, package, version):
        """Return what an index says of one version of a package; {}: it has none."""
        try:
            record = run(["apt-cache", "show", "--no-all-versions", f"{package}={version}"], root.env)
        except FetchError:
            return {}
        fields = dict(re.findall(r"^(Package|Source|Built-Using|Static-Built-Using): (.*)$", record, re.MULTILINE))
        return fields if fields.get("Package") == package else {}

    def bring(self, suite, source, version, folder, used=None):
        """Download a source package whole, or, of one that the build itself was made from, those archives @used that it took."""
        root = self.root(suite, "source")
        try:
            text = run(["apt-get", "source", "--print-uris", "--download-only", "--only-source", f"{source}={version}"],
                       root.env)
        except FetchError as error:
            raise FetchError(f"the mirror's {suite} has no source {source} {version}, which this image contains: it must not "
                             "be shipped so; `make fetch` and build anew, or let ASHLAR_MIRROR name an archive of old "
                             f"versions ({error})") from None
        archives = [archive for archive in parse_uris(text) if used is None or archive[2] in used]
        if used is not None and {archive[2] for archive in archives} != used:
            raise FetchError(f"the mirror's {suite} has other archives of source {source} {version} than those that the build took: "
                             "`make fetch` and build anew")
        say(f"source {source} {version}, {human(sum(archive[3] for archive in archives))}")
        os.makedirs(folder, exist_ok=True)
        for archive in archives:
            place = os.path.join(folder, archive[0])
            if not os.path.exists(place) or digest_file(place) != archive[2]:
                os.replace(self.download(root, archive, folder, f"{source} {version}"), place)
        return [archive[0] for archive in archives]

    def packages_instead(self, facts, definition, made_of):
        """Return {package: (source, version)} of those that hold a payload's source; each is of that very version."""
        root, found = self.root(facts["suite"], facts["architecture"]), {}
        for name in definition.sources_in:
            found[name] = source_of(self.fields_of(root, name, facts["version"]), facts["version"])
            if found[name] not in made_of:
                raise FetchError(f"{definition.path}: sources-in: {name} {facts['version']} is not of " +
                                 " or ".join(" ".join(source) for source in made_of))
        return found

    def bring_package(self, facts, name, folder):
        """Download a binary package of a payload's version."""
        root, version = self.root(facts["suite"], facts["architecture"]), facts["version"]
        os.makedirs(folder, exist_ok=True)
        for archive in parse_uris(run(["apt-get", "download", "--print-uris", f"{name}={version}"], root.env)):
            say(f"{name} {version}, {human(archive[3])}")
            os.replace(self.download(root, archive, folder, f"{name} {version}"), os.path.join(folder, archive[0]))

    def download(self, root, archive, folder, what):
        """Download an archive that the index names; say the way out where the mirror has it no more."""
        try:
            return root.download(archive, folder)
        except FetchError as error:
            raise FetchError(f"the index names {archive[0]} of source {what}, which this image contains, but it cannot be had: the "
                             "image must not be shipped so; let ASHLAR_MIRROR and ASHLAR_SECURITY_MIRROR name a mirror that has it, or "
                             f"`make fetch` and build anew ({error})") from None


def source_of(fields, version):
    """Return (source, version) of a binary package of a version."""
    match = re.fullmatch(r"(\S+)(?: \((\S+)\))?", fields.get("Source", fields.get("Package", "?")))
    return match[1], match[2] or version


def place_of(source, version):
    """Return the name of a source's folder."""
    return f"{source}_{version.replace(':', '%3a')}"


def used_of(facts):
    """Return the digests of the source archives that a build took; None: it took a binary, whose whole source is wanted.

    What is compiled here of a source's upstream archive alone has Debian's packaging of it in nothing that is shipped.
    """
    return {archive["sha256"] for archive in facts["archives"]} if facts["architecture"] == "source" else None


def copy_texts(entry, folder):
    """Copy a payload's licence texts; return the common licences that they point to."""
    named = set()
    for name in sorted(entry.facts["files"]):
        if TEXTS.fullmatch(name):
            place = os.path.join(folder, os.path.basename(name))
            os.makedirs(folder, exist_ok=True)
            shutil.copyfile(os.path.join(entry.folder, name), place)
            with open(place, encoding="utf-8", errors="replace") as stream:
                named |= set(re.findall(COMMON + r"/([A-Za-z0-9.-]*[A-Za-z0-9])", stream.read()))
    return named


def common_of(licence):
    """Return Debian's names of the common licences in an expression."""
    names = re.findall(r"\b((?:L|A)?GPL)-(\d)\.(\d)", licence)
    return {f"{kind}-{major}" + (f".{minor}" if minor != "0" else "") for kind, major, minor in names} | \
        set(re.findall(r"\bApache-2\.0\b", licence))


def copy_common(names, folder):
    """Copy the common licences that a Debian host has."""
    for name in sorted(names):
        if os.path.isfile(os.path.join(COMMON, name)):
            os.makedirs(folder, exist_ok=True)
            shutil.copyfile(os.path.join(COMMON, name), os.path.join(folder, name))


def components_text(rows):
    """Return components.csv: what there is, under which licence, and where its source lies."""
    class Lines(list):
        """What csv writes to."""
        write = list.append
    lines = Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("payload", "package", "version", "licence", "sources"))
    writer.writerows(rows)
    return "".join(lines)


def bring_sources(archives, definition, facts, folder, whole):
    """Bring what a payload was made of; return the names of the sources' folders, and what is to be said of them.

    @whole: the folders that are complete.
    """
    made_of, used, places, instead = archives.sources_of(facts), used_of(facts), [], None
    for source, version in made_of:
        place = place_of(source, version)
        if instead and (source, version) in instead.values():
            continue
        try:
            if place not in whole:
                archives.bring(facts["suite"], source, version, os.path.join(folder, place), used)
        except FetchError:
            shutil.rmtree(os.path.join(folder, place), ignore_errors=True)
            if not definition.sources_in or instead:
                raise
            instead = archives.packages_instead(facts, definition, made_of)
            print(f"legal-info: note: {definition.name}: the mirror has source {source} {version} no more; taken in its place, of the "
                  f"same source and version, are Debian's packages {', '.join(instead)}", file=sys.stderr)
            continue
        if used is None:
            whole.add(place)
        places.append(place)
    return places + bring_instead(archives, facts, instead or {}, folder)


def bring_instead(archives, facts, instead, folder):
    """Bring the packages that stand for a lost source; return the names of their folders, with what is to be said."""
    places = []
    for name, source in instead.items():
        archives.bring_package(facts, name, os.path.join(folder, place_of(*source)))
    for source in dict.fromkeys(instead.values()):
        places.append(f"{place_of(*source)} (as Debian's packages {', '.join(name for name in instead if instead[name] == source)})")
    return places


def collect(options, work):
    """Fill the folder @work."""
    definitions = read_all(options.payloads)
    archives = Archives(cache_folder())
    rows, offered, whole, common = [], [], set(), {"Apache-2.0"}
    for name, folder in options.payload:
        entry = open_entry(os.path.dirname(folder))
        licence, _ = of_entry(definitions.get(name), entry)
        common |= copy_texts(entry, os.path.join(work, "licences", name)) | common_of(licence)
        if licence == NO_ASSERTION:
            raise FetchError(f"{definitions[name].path}: nothing says the licence of {name}; give the key \"licence\"")
        if options.release and GPL_3.search(licence):
            print(f"legal-info: warning: {name} is under {licence}: a product that installs signed images only may have to "
                  "give its users the means to install their own (GPL-3.0 section 6)", file=sys.stderr)
        sources = bring_sources(archives, definitions.get(name), entry.facts, os.path.join(work, "sources"), whole)
        offered += [place for place in sources if place not in offered]
        rows.append((name, entry.facts["package"], entry.facts["version"], licence, " ".join(place.partition(" ")[0] for place in sources)))
    copy_common(common, os.path.join(work, "licences", "common"))
    write_by_rename(os.path.join(work, "components.csv"), components_text(rows))
    ours = ["ashlar", os.path.basename(options.config)]
    write_by_rename(os.path.join(work, "WRITTEN-OFFER.txt"),
                    OFFER + "".join(f"  {name}\n" for name in sorted(offered) + ours[:1]))


def main():
    """Collect all, or leave the folder of before and say what is missing."""
    options = arguments()
    work = options.out + ".part"
    os.makedirs(os.path.join(work, "sources", "ashlar"), exist_ok=True)
    for extra in ("licences", "components.csv"):
        path = os.path.join(work, extra)
        if os.path.isdir(path):
            shutil.rmtree(path)
    # The private apt roots are every fetch's.
    with Cache(cache_folder()).locked():
        collect(options, work)
    for path in (options.project, options.config):
        shutil.copyfile(path, os.path.join(work, "sources", "ashlar", os.path.basename(path).lstrip(".")))
    shutil.rmtree(options.out, ignore_errors=True)
    os.rename(work, options.out)
    say(f"licence texts, sources and offer are in {os.path.relpath(options.out)}")


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"legal-info: error: {problem}")
