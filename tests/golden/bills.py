# SPDX-License-Identifier: Apache-2.0
"""The bills of material and the provenance that a build writes.

CycloneDX's are held against the official schema, which comes from Debian. SPDX's schema is in no Debian package:
its document's shape is checked here instead (every element has its class's properties, every name leads somewhere), and the
document held against a copy of the schema where ASHLAR_SPDX_SCHEMA names one.
"""
import glob
import hashlib
import json
import os
import re

from tests.frontend.tree import digests
from tests.runner.context import expect, skip

try:
    from jsonschema import ValidationError, validators, RefResolver
except ImportError:
    validators = None

SCHEMA = "debian:cyclonedx-schema"


def _images(ctx):
    return ctx.out / ctx.args.get("build", "demo") / "images"


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _schema(ctx):
    """Fetch the schemas as a build fetches its payloads; returns the main one's path."""
    (ctx.work / "config").write_text(f'CONFIG_X="{SCHEMA}"\n', encoding="utf-8")
    fragment = ctx.work / "payloads.mk"
    ctx.run(ctx.python, ctx.root / "scripts/fetch/fetch.py", "--config", ctx.work / "config", "--out", fragment)
    return re.search(r"^PAYLOAD_cyclonedx-schema_FILE := (.*)$", fragment.read_text(encoding="utf-8"), re.MULTILINE)[1]


def _additional_items(_, allowed, instance, schema):
    """Debian 12's own fails where it wants to print several objects."""
    items = schema.get("items")
    if allowed is False and isinstance(items, list) and isinstance(instance, list) and len(instance) > len(items):
        yield ValidationError("too many items")


def _validator(path):
    store = {}
    for name in glob.glob(os.path.dirname(path) + "/*.json"):
        with open(name, encoding="utf-8") as stream:
            schema = json.load(stream)
        store[schema["$id"]] = schema
    with open(path, encoding="utf-8") as stream:
        main = json.load(stream)
    kind = validators.extend(validators.validator_for(main), {"additionalItems": _additional_items})
    return kind(main, resolver=RefResolver(main["$id"], main, store))


def _same_parts(manifest, found):
    """Each component of the manifest is there, with its version and digests."""
    expected = sorted((c["name"], c["version"], c["sha256"], c["sha512"]) for c in manifest["components"])
    expect(sorted(found) == expected, f"other components: {sorted(found)}")


def cyclonedx(ctx):
    """By the official schema, and with all that the manifest has."""
    if validators is None:
        skip("python3-jsonschema is not installed")
    folder = _images(ctx)
    document, manifest = _json(folder / "sbom.cdx.json"), _json(folder / "manifest.json")
    validator = _validator(_schema(ctx))
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(document)]
    expect(not errors, "\n".join(errors))
    document["components"][0]["hashes"][0]["alg"] = "SHA-257"
    expect(list(validator.iter_errors(document)), "the schema accepts anything")
    _same_parts(manifest, [(c["name"], c["version"], *(h["content"] for h in c["hashes"])) for c in document["components"]])
    refs = [c["bom-ref"] for c in document["components"]]
    expect(len(set(refs)) == len(refs) and document["dependencies"][0]["dependsOn"] == refs, "references")
    for part in document["components"]:
        expect(part.get("licenses"), f"{part['name']} has no licence")
        _has_texts(part["name"], part["licenses"][0]["expression"],
                   {entry["license"]["name"]: entry["license"]["text"]["content"]
                    for entry in part.get("evidence", {}).get("licenses", [])})


def vex(ctx):
    """A statement for each component, by the official schema, which leads into the bill of material."""
    if validators is None:
        skip("python3-jsonschema is not installed")
    folder = _images(ctx)
    document, bill = _json(folder / "vex.cdx.json"), _json(folder / "sbom.cdx.json")
    validator = _validator(_schema(ctx))
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(document)]
    expect(not errors, "\n".join(errors))
    serial = bill["serialNumber"].removeprefix("urn:uuid:")
    wanted = [f"urn:cdx:{serial}/{bill['version']}#{part['bom-ref']}" for part in bill["components"]]
    expect([a["ref"] for v in document["vulnerabilities"] for a in v["affects"]] == wanted, "statements of other components")
    expect({v["analysis"]["state"] for v in document["vulnerabilities"]} == {"in_triage"}, "somebody looked")
    document["vulnerabilities"][0]["analysis"]["state"] = "fine"
    expect(list(validator.iter_errors(document)), "the schema accepts anything")


def _has_texts(name, expression, texts):
    wanted = set(re.findall(r"LicenseRef-[A-Za-z0-9.-]+", expression))
    expect(wanted == set(texts), f"{name}: texts of {sorted(texts)}, not {sorted(wanted)}")
    expect(all(len(text) > 20 for text in texts.values()), f"{name}: no licence text")


SPDX_NEEDS = {"CreationInfo": {"@id", "specVersion", "created", "createdBy"},
              "SpdxDocument": {"rootElement", "profileConformance", "dataLicense"},
              "software_Sbom": {"rootElement", "element", "software_sbomType"},
              "software_Package": {"name", "software_packageVersion"},
              "Relationship": {"from", "to", "relationshipType"}, "Organization": {"name"}, "Tool": {"name"},
              "simplelicensing_LicenseExpression": {"simplelicensing_licenseExpression"},
              "simplelicensing_SimpleLicensingText": {"simplelicensing_licenseText"}}


def _leads(element, ids):
    """Every reference of an element is to one that is there."""
    for field in ("from", "suppliedBy", "dataLicense"):
        expect(element.get(field, None) in ids | {None}, f"{element}: {field} leads nowhere")
    for field in ("to", "rootElement", "element", "createdBy", "createdUsing"):
        expect(set(element.get(field, [])) <= ids, f"{element}: {field} leads nowhere")


def spdx(ctx):
    """Its shape, by the classes of SPDX 3.0.1, and all that the manifest has."""
    folder = _images(ctx)
    document, manifest = _json(folder / "sbom.spdx.json"), _json(folder / "manifest.json")
    expect(document["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "another context")
    graph = document["@graph"]
    ids = [e["spdxId"] for e in graph if "spdxId" in e]
    expect(len(set(ids)) == len(ids) == len(graph) - 1, "an id twice, or none")
    for element in graph:
        expect(SPDX_NEEDS[element["type"]] <= set(element), f"{element} lacks something")
        expect(element["type"] == "CreationInfo" or element["creationInfo"] == "_:creation", f"{element}: creation")
        _leads(element, set(ids))
    packages = {e["spdxId"]: e for e in graph if e["type"] == "software_Package" and "verifiedUsing" in e}
    _same_parts(manifest, [(e["name"], e["software_packageVersion"], *(h["hashValue"] for h in e["verifiedUsing"]))
                           for e in packages.values()])
    licensed = {e["from"] for e in graph if e.get("relationshipType") == "hasDeclaredLicense"}
    expect(licensed == set(packages), "a package without a licence")
    texts = {e["spdxId"]: e["simplelicensing_licenseText"] for e in graph if "simplelicensing_licenseText" in e}
    for element in graph:
        if "simplelicensing_licenseExpression" in element:
            named = {e["key"]: texts[e["value"]] for e in element.get("simplelicensing_customIdToUri", [])}
            _has_texts(element["spdxId"], element["simplelicensing_licenseExpression"], named)


def _cut(graph, kind, name):
    """The first element of that class loses a property."""
    del next(e for e in graph if e["type"] == kind)[name]


def spdx_schema(ctx):
    """By the official schema of SPDX 3.0.1; it refuses documents that lack something."""
    if validators is None:
        skip("python3-jsonschema is not installed")
    if not os.environ.get("ASHLAR_SPDX_SCHEMA"):
        skip("SPDX's JSON schema is in no package: ASHLAR_SPDX_SCHEMA names a copy")
    with open(os.environ["ASHLAR_SPDX_SCHEMA"], encoding="utf-8") as stream:
        schema = json.load(stream)
    validator = validators.validator_for(schema)(schema)
    path = _images(ctx) / "sbom.spdx.json"
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(_json(path))]
    expect(not errors, f"the schema refuses it: {errors[:3]}")
    for kind, name in (("CreationInfo", "created"), ("Relationship", "relationshipType"), ("software_Package", "spdxId"),
                       ("SpdxDocument", "creationInfo")):
        document = _json(path)
        _cut(document["@graph"], kind, name)
        expect(not validator.is_valid(document), f"the schema accepts a {kind} without {name}")


def provenance(ctx):
    """An in-toto statement of SLSA's kind over all that was made, by these archives; it names no place."""
    folder = _images(ctx)
    text = (folder / "provenance.json").read_text(encoding="utf-8")
    statement = json.loads(text)
    expect(statement["_type"] == "https://in-toto.io/Statement/v1", "another type")
    expect(statement["predicateType"] == "https://slsa.dev/provenance/v1", "another predicate")
    about = {"manifest.json", "provenance.json", "sbom.cdx.json", "sbom.spdx.json", "vex.cdx.json", "SHA256SUMS"}
    there = {name: digest for name, digest in digests(folder).items() if name not in about}
    named = {s["name"]: s["digest"]["sha256"] for s in statement["subject"]}
    expect(named and named.items() <= there.items(), "another file, or other bytes")
    expect({"ashlar.bin", "ashlar.itb", "sdcard.img", "plan.dtb"} <= set(named), f"only {sorted(named)}")
    made = statement["predicate"]["buildDefinition"]
    expect(made["buildType"] and made["externalParameters"]["configuration"]["CONFIG_BOARD"], "no parameters")
    expect(all(d["uri"].startswith("pkg:deb/debian/") for d in made["resolvedDependencies"]), "another origin")
    expect(statement["predicate"]["runDetails"]["builder"]["id"], "no builder")
    expect(str(ctx.root) not in text and "SIGN_KEY" not in text, "a place of this machine is in it")


def refused(ctx):
    """What is no manifest is refused with its line; the same manifest gives the same bytes."""
    tool, bad = ctx.out / "demo/host/ashlar", ctx.work / "bad.json"
    cases = {"": "it ends too early", '{\n"a": 1,\n}': "bad.json:3: not JSON: a name in quotes is expected",
             '{"a": "\\ud800"}': "a character that a string cannot have", "[" * 40: "too many levels",
             '{"a": 01}': "a number that is none", "{} x": "something stands behind its end",
             '{"a": "': "a string does not end", '{"a" 1}': "a colon is expected", '{"a": nul}': "a value is expected",
             "[1 2]": "a comma or the closing bracket", "[]": "not an object of JSON",
             '{"board": "b"}': "the manifest has no components", "{}": 'the manifest has no "board"'}
    for text, words in cases.items():
        bad.write_text(text, encoding="utf-8")
        said = ctx.run(tool, "sbom", "--spdx", "--output", ctx.work / "out", bad, status=2)
        expect(words in said, f"{text!r}: {said}")
    expect(sorted(p.name for p in ctx.work.iterdir()) == ["bad.json"], "something was left behind")
    manifest = _images(ctx) / "manifest.json"
    one, two = (hashlib.sha256(ctx.run(tool, "sbom", "--cyclonedx", manifest).encode()).digest() for _ in range(2))
    expect(one == two, "the same manifest gives other bytes")


def run(ctx):
    """The case of the matrix."""
    {"cyclonedx": cyclonedx, "spdx": spdx, "vex": vex, "provenance": provenance, "refused": refused}[ctx.args["case"]](ctx)
