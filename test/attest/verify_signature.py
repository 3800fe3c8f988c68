"""Checks a model.sig as the OpenSSF model signing specification v1.0 says, with nothing of Hubwright's.

usage: verify_signature.py <model folder> <public key>; prints one JSON object.

Written from the specification's text: a Sigstore bundle v0.3 holds a DSSE envelope, whose in-toto statement lists every
file with its sha256; the statement's only subject is sha256 over these digests, as bytes, in the order of the files'
paths compared part by part.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
GIT = [".git", ".gitattributes", ".github", ".gitignore"]


def check(folder: pathlib.Path, public_key: pathlib.Path) -> str:
    key = serialization.load_pem_public_key(public_key.read_bytes())
    bundle = json.loads((folder / "model.sig").read_text())
    if bundle["mediaType"] != "application/vnd.dev.sigstore.bundle.v0.3+json":
        return "media type"
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    if bundle["verificationMaterial"]["publicKey"]["hint"] != hashlib.sha256(pem).hexdigest():
        return "key hint"
    envelope = bundle["dsseEnvelope"]
    kind = envelope["payloadType"]
    if kind != "application/vnd.in-toto+json":
        return "payload type"
    payload = base64.b64decode(envelope["payload"], validate=True)
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    (signature,) = envelope["signatures"]
    try:
        key.verify(base64.b64decode(signature["sig"], validate=True), signed, ec.ECDSA(HASHES[key.key_size]))
    except InvalidSignature:
        return "signature"
    statement = json.loads(payload)
    if statement["_type"] != "https://in-toto.io/Statement/v1":
        return "statement type"
    if statement["predicateType"] != "https://model_signing/signature/v1.0":
        return "predicate type"
    serialization_args = statement["predicate"]["serialization"]
    if serialization_args["method"] != "files" or serialization_args["allow_symlinks"] is not False:
        return "serialization"
    (subject,) = statement["subject"]
    resources = statement["predicate"]["resources"]
    root = hashlib.sha256(b"".join(bytes.fromhex(entry["digest"]) for entry in resources)).hexdigest()
    if subject["digest"]["sha256"] != root:
        return "subject digest"
    ignored = [folder / name for name in [*serialization_args["ignore_paths"], *GIT]]
    files = {}
    for path in folder.glob("**/*"):
        if any(path == skip or skip in path.parents for skip in ignored):
            continue
        if path.is_symlink():
            return "symbolic link"
        if path.is_file():
            files[pathlib.PurePosixPath(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    listed = {pathlib.PurePosixPath(entry["name"]): entry["digest"] for entry in resources}
    if [str(path) for path in sorted(files)] != [entry["name"] for entry in resources]:
        return "files or their order"
    return "ok" if files == listed else "content"


print(json.dumps({"verdict": check(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))}))
