"""Requests that Facebook did not send: the published vector, and everything near it that must be refused."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator

from tests.channels.facebook.endpoint import SECRET, VERIFY, Headers

VECTOR = (
    rb'{"object":"page","entry":[{"id":"104512345678901","time":1795420800123,"messaging":[{"sender":{"id":'
    rb'"7421003344556677"},"recipient":{"id":"104512345678901"},"timestamp":1795420799870,"message":{"mid":"m_Vd1x",'
    rb'"text":"\u0110\u01b0\u1eddng h\u1ecfng, xem https:\/\/vd.vn"}}]}]}'
)
DIGEST = "5b95cad1dfb01bb7b4f3d4fc7eac7b29a851388ef26f409774f8d1500a9597f6"
RIGHT = f"sha256={DIGEST}".encode()
NAME = b"x-hub-signature-256"

Mutant = tuple[str, bytes, Headers]


def mutants() -> Iterator[Mutant]:
    """Name, body and headers of each; none of them is what Facebook signed."""
    for name, value in _signatures():
        yield name, VECTOR, [(NAME, value)]
    for name, body in _bodies():
        yield name, body, [(NAME, RIGHT)]
    yield "no signature", VECTOR, []
    yield "the header of 2016", VECTOR, [(b"x-hub-signature", b"sha1=" + _hmac("sha1").hex().encode())]
    yield "the right one under the old name", VECTOR, [(b"x-hub-signature", RIGHT)]
    yield "twice the right one", VECTOR, [(NAME, RIGHT), (NAME, RIGHT)]
    yield "right and wrong", VECTOR, [(NAME, RIGHT), (NAME, b"sha256=" + b"0" * 64)]
    yield "wrong and right", VECTOR, [(NAME, b"sha256=" + b"0" * 64), (NAME, RIGHT)]


def _signatures() -> Iterator[tuple[str, bytes]]:
    digest = DIGEST.encode()
    yield "empty", b""
    yield "without its prefix", digest
    yield "only its prefix", b"sha256="
    yield "upper-case prefix", b"SHA256=" + digest
    yield "upper-case digits", b"sha256=" + digest.upper()
    yield "other prefix", b"sha1=" + digest
    yield "colon", b"sha256:" + digest
    yield "two equals", b"sha256==" + digest
    yield "blank within", b"sha256= " + digest
    yield "quoted", b'"sha256=' + digest + b'"'
    yield "one digit short", b"sha256=" + digest[:-1]
    yield "one digit more", b"sha256=" + digest + b"0"
    yield "two in one header", RIGHT + b", " + RIGHT
    yield "two with a comma", RIGHT + b"," + RIGHT
    yield "tab within", b"sha256=\t" + digest
    yield "no hex", b"sha256=" + b"g" * 64
    yield "zeros", b"sha256=" + b"0" * 64
    yield "wide digits", b"sha256=" + "５".encode() + digest[1:]
    yield "a byte beyond ASCII", b"sha256=\xe9" + digest[1:]
    yield "base64", b"sha256=" + base64.b64encode(bytes.fromhex(DIGEST))
    yield "one bit", b"sha256=" + bytes([digest[0] ^ 1]) + digest[1:]
    yield "the last bit", b"sha256=" + digest[:-1] + bytes([digest[-1] ^ 1])
    yield "reversed", b"sha256=" + digest[::-1]
    yield "SHA-1", b"sha256=" + _hmac("sha1").hex().encode()
    yield "SHA-512", b"sha256=" + _hmac("sha512").hex().encode()
    yield "no secret", b"sha256=" + hmac.digest(b"", VECTOR, "sha256").hex().encode()
    yield "the handshake's token", b"sha256=" + hmac.digest(VERIFY.encode(), VECTOR, "sha256").hex().encode()
    yield "plain hash", b"sha256=" + hashlib.sha256(VECTOR).hexdigest().encode()
    yield "secret before", b"sha256=" + hashlib.sha256(SECRET.encode() + VECTOR).hexdigest().encode()
    yield "secret behind", b"sha256=" + hashlib.sha256(VECTOR + SECRET.encode()).hexdigest().encode()
    yield "of nothing", b"sha256=" + hmac.digest(SECRET.encode(), b"", "sha256").hex().encode()


def _bodies() -> Iterator[tuple[str, bytes]]:
    parsed = json.loads(VECTOR)
    yield "written again", json.dumps(parsed).encode()
    yield "written again without blanks", json.dumps(parsed, separators=(",", ":")).encode()
    yield "written again in UTF-8", json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode()
    yield "slashes as they are", VECTOR.replace(rb"\/", b"/")
    yield "escapes in upper case", VECTOR.replace(rb"\u01b0", rb"\u01B0")
    yield "a new line behind", VECTOR + b"\n"
    yield "a blank before", b" " + VECTOR
    yield "a byte order mark", b"\xef\xbb\xbf" + VECTOR
    yield "cut off", VECTOR[:-1]
    yield "nothing", b""
    yield "packed", gzip.compress(VECTOR, mtime=0)
    yield "twice", VECTOR + VECTOR
    yield "another page", VECTOR.replace(b"104512345678901", b"104512345678902")
    yield "another person", VECTOR.replace(b"7421003344556677", b"7421003344556678")
    for at in range(0, len(VECTOR), 40):
        yield f"byte {at}", VECTOR[:at] + bytes([VECTOR[at] ^ 1]) + VECTOR[at + 1 :]


def _hmac(name: str) -> bytes:
    return hmac.digest(SECRET.encode(), VECTOR, name)
