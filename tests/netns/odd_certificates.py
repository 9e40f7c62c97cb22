# SPDX-License-Identifier: Apache-2.0
"""Certificates that no honest CA would sign, for both ends: made by openssl, and where that is too
honest as well, changed in their bytes and signed anew."""

import ssl
import subprocess
from dataclasses import replace

import certificates
from certificates import Pair, issue, openssl

EXPIRED = {"start": "20200101000000Z", "end": "20200201000000Z"}
FUTURE = {"start": "20980101000000Z", "end": "20990101000000Z"}
RSA_1024 = ("-newkey", "rsa:1024", "-nodes")
CA_BIT = "basicConstraints=critical,CA:true\n"
COMMENT = "nsComment={}\n"


def element(der):
    """The first element: (header, body, what is behind it)."""
    length, head = der[1], 2
    if length & 0x80:
        head += length & 0x7f
        length = int.from_bytes(der[2:head], "big")
    return der[:head], der[head:head + length], der[head + length:]


def sequence(body):
    size = len(body).to_bytes(4, "big").lstrip(b"\0")
    return b"\x30" + (bytes([len(body)]) if len(body) < 128 else
                      bytes([0x80 | len(size)]) + size) + body


def changed(folder, authority, pair, old, new):
    """The same certificate with these bytes in place of those, and a good signature of the CA."""
    _, whole, _ = element(ssl.PEM_cert_to_DER_cert(pair.certificate))
    head, body, rest = element(whole)
    algorithm_head, algorithm, _ = element(rest)
    assert len(old) == len(new) and old in body
    signed = head + body.replace(old, new)
    key = folder / "signing.key"
    key.write_text(authority.key)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed,
                               capture_output=True, check=True).stdout
    bits = b"\0" + signature
    der = sequence(signed + algorithm_head + algorithm + b"\x03" + bytes([len(bits)]) + bits)
    return replace(pair, certificate=ssl.DER_cert_to_PEM_cert(der))


def tampered(pair):
    """One bit of the signature turned round."""
    der = bytearray(ssl.PEM_cert_to_DER_cert(pair.certificate))
    der[-1] ^= 1
    return replace(pair, certificate=ssl.DER_cert_to_PEM_cert(bytes(der)))


def self_signed(folder, name, extensions):
    options = [option for line in extensions.strip().splitlines() for option in ("-addext", line)]
    openssl(folder, "req", "-x509", *certificates.NEW_KEY, "-subj", f"/CN={name}", "-days", "30",
            "-keyout", "self.key", "-out", "self.pem", *options)
    return Pair((folder / "self.pem").read_text(), (folder / "self.key").read_text())


AUTHORITY = CA_BIT + "keyUsage=critical,keyCertSign\n"


def behind_chain(folder, authority, name, extensions, length, between=AUTHORITY):
    """Its issuer's issuer's ... is the CA; the whole chain is shown."""
    signer, shown = authority, []
    for number in range(length):
        signer = issue(folder, signer, f"between{number}", between)
        shown.insert(0, signer.certificate)
    pair = issue(folder, signer, name, extensions)
    return replace(pair, certificate="".join([pair.certificate, *shown]))


def name_with_nul(name, behind):
    """An alternative name that ends early for whoever reads C strings."""
    whole = name.encode() + b"\0" + behind.encode()
    names = sequence(b"\x82" + bytes([len(whole)]) + whole)
    return f"subjectAltName=DER:{names.hex(':')}\n"


