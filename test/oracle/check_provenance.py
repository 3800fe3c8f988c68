"""Checks a provenance.intoto.json against the specifications of DSSE, in-toto and SLSA, with nothing of Hubwright's.

usage: check_provenance.py <bundle folder> [public key]; prints one JSON object: a verdict, and the statement.

Written from the texts: DSSE v1 (the pre-authentication encoding), in-toto attestation v1 (Statement, ResourceDescriptor,
DigestSet) and SLSA provenance v1 (the predicate's required and known fields).
"""

import base64
import hashlib
import json
import pathlib
import re
import sys
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
DIGEST = {"sha256": r"[0-9a-f]{64}", "gitCommit": r"[0-9a-f]{40}|[0-9a-f]{64}"}
DESCRIPTOR = {"name", "uri", "digest", "content", "downloadLocation", "mediaType", "annotations"}
# Written beside the model, and about it: no part of what provenance covers.
BESIDE = {"hubwright.lock.json", "verification.json", "model.sig", "provenance.intoto.json", ".gitattributes"}


class Wrong(Exception):
    pass


def need(holds: bool, what: str) -> None:
    if not holds:
        raise Wrong(what)


def is_uri(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", urllib.parse.urlsplit(text).scheme) is not None


def check_digest(digest: object, where: str) -> None:
    need(isinstance(digest, dict) and len(digest) > 0, f"{where}: digest")
    for algorithm, value in digest.items():
        need(algorithm in DIGEST and re.fullmatch(DIGEST[algorithm], value) is not None, f"{where}: {algorithm}")


def check_descriptor(item: object, where: str) -> None:
    need(isinstance(item, dict) and set(item) <= DESCRIPTOR, f"{where}: fields")
    need(any(key in item for key in ("uri", "digest", "content")), f"{where}: names nothing")
    if "digest" in item:
        check_digest(item["digest"], where)
    if "uri" in item:
        need(is_uri(item["uri"]), f"{where}: uri")
    if "content" in item:
        base64.b64decode(item["content"], validate=True)


def check_statement(statement: dict) -> None:
    need(set(statement) == {"_type", "subject", "predicateType", "predicate"}, "statement: fields")
    need(statement["_type"] == "https://in-toto.io/Statement/v1", "statement: _type")
    need(isinstance(statement["subject"], list) and len(statement["subject"]) > 0, "statement: subject")
    for item in statement["subject"]:
        check_descriptor(item, "subject")
        need("digest" in item and "name" in item, "subject: name and digest")
    need(statement["predicateType"] == "https://slsa.dev/provenance/v1", "statement: predicateType")
    predicate = statement["predicate"]
    need(set(predicate) == {"buildDefinition", "runDetails"}, "predicate: fields")
    definition, details = predicate["buildDefinition"], predicate["runDetails"]
    known = {"buildType", "externalParameters", "internalParameters", "resolvedDependencies"}
    need({"buildType", "externalParameters"} <= set(definition) <= known, "buildDefinition: fields")
    need(is_uri(definition["buildType"]), "buildDefinition: buildType")
    need(isinstance(definition["externalParameters"], dict), "buildDefinition: externalParameters")
    for item in definition.get("resolvedDependencies", []):
        check_descriptor(item, "resolvedDependencies")
    need({"builder"} <= set(details) <= {"builder", "metadata", "byproducts"}, "runDetails: fields")
    builder = details["builder"]
    need({"id"} <= set(builder) <= {"id", "version", "builderDependencies"}, "builder: fields")
    need(is_uri(builder["id"]), "builder: id")
    need(all(isinstance(value, str) for value in builder.get("version", {}).values()), "builder: version")
    for item in details.get("byproducts", []):
        check_descriptor(item, "byproducts")


def open_envelope(document: dict, public_key: pathlib.Path) -> dict:
    key = serialization.load_pem_public_key(public_key.read_bytes())
    need(document["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json", "media type")
    envelope = document["dsseEnvelope"]
    kind = envelope["payloadType"].encode()
    need(kind == b"application/vnd.in-toto+json", "payload type")
    payload = base64.b64decode(envelope["payload"], validate=True)
    # PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body
    encoded = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
    (signature,) = envelope["signatures"]
    try:
        key.verify(base64.b64decode(signature["sig"], validate=True), encoded, ec.ECDSA(HASHES[key.key_size]))
    except InvalidSignature:
        raise Wrong("signature") from None
    return json.loads(payload)


def check_files(folder: pathlib.Path, subject: list) -> None:
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("**/*")
        if path.is_file() and path.relative_to(folder).as_posix() not in BESIDE
    }
    need(files == {item["name"]: item["digest"]["sha256"] for item in subject}, "files")


folder = pathlib.Path(sys.argv[1])
statement = None
try:
    document = json.loads((folder / "provenance.intoto.json").read_text())
    statement = document if len(sys.argv) == 2 else open_envelope(document, pathlib.Path(sys.argv[2]))
    check_statement(statement)
    check_files(folder, statement["subject"])
    verdict = "ok"
except Wrong as wrong:
    verdict = str(wrong)
print(json.dumps({"verdict": verdict, "statement": statement}))
