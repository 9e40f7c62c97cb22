# SPDX-License-Identifier: Apache-2.0
"""Certificates that `user profile` would never make, by openssl."""

import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CLIENT = "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"


def SERVER(name):
    return f"{CLIENT.replace('clientAuth', 'serverAuth')}subjectAltName=DNS:{name}\n"


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
CA_CONF = """
[ca]
default_ca = any
[any]
policy = anything
database = {folder}/index
rand_serial = yes
default_md = sha256
new_certs_dir = {folder}
unique_subject = no
[anything]
commonName = supplied
"""


@dataclass
class Pair:
    certificate: str
    key: str


def openssl(folder, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, f"openssl {' '.join(arguments)}:\n{done.stderr}"
    return done.stdout


def make_authority(folder, name="Another CA"):
    folder = Path(folder)
    openssl(folder, "req", "-x509", *NEW_KEY, "-subj", f"/CN={name}", "-days", "30",
            "-keyout", "other-ca.key", "-out", "other-ca.pem",
            "-addext", "keyUsage=critical,keyCertSign")
    return Pair((folder / "other-ca.pem").read_text(), (folder / "other-ca.key").read_text())


def make_authority_until(folder, start, end, name="Lanyard CA", key=None):
    """One like the server's own, but for its dates (as openssl-ca(1) wants them); key: of another
    one, which it is anew."""
    folder = Path(folder) / f"authority-{end}"
    folder.mkdir()
    (folder / "index").touch()
    (folder / "ca.conf").write_text(CA_CONF.format(folder=folder))
    (folder / "extensions").write_text(
        "basicConstraints=critical,CA:true,pathlen:1\nkeyUsage=critical,keyCertSign,cRLSign\n"
        "subjectKeyIdentifier=hash\n")
    if key:
        (folder / "ca.key").write_text(key)
    with_key = ("-key", "ca.key") if key else (*NEW_KEY, "-keyout", "ca.key")
    openssl(folder, "req", "-new", *with_key, "-subj", f"/CN={name}", "-out", "request.pem")
    openssl(folder, "ca", "-batch", "-notext", "-config", "ca.conf", "-selfsign", "-keyfile",
            "ca.key", "-startdate", start, "-enddate", end, "-extfile", "extensions",
            "-in", "request.pem", "-out", "ca.pem")
    return Pair((folder / "ca.pem").read_text(), (folder / "ca.key").read_text())


def authority_of(state_folder):
    """The server's own CA, from its state file."""
    file, = Path(state_folder).glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as state:
        return Pair(*state.execute("SELECT certificate, key FROM authority").fetchone())


def issue(folder, authority, name, extensions, start="20240101000000Z", end="20990101000000Z",
          new_key=NEW_KEY, digest="sha256"):
    """One certificate with a new key; start and end as openssl-ca(1) wants them."""
    folder = Path(tempfile.mkdtemp(prefix=f"issued-{name}-", dir=folder))
    (folder / "index").touch()
    (folder / "ca.conf").write_text(CA_CONF.format(folder=folder))
    (folder / "ca.pem").write_text(authority.certificate)
    (folder / "ca.key").write_text(authority.key)
    (folder / "extensions").write_text(extensions)
    openssl(folder, "req", "-new", *new_key, "-subj", f"/CN={name}",
            "-keyout", "key.pem", "-out", "request.pem")
    openssl(folder, "ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile",
            "ca.key", "-startdate", start, "-enddate", end, "-extfile", "extensions", "-md", digest,
            "-in", "request.pem", "-out", "certificate.pem")
    return Pair((folder / "certificate.pem").read_text(), (folder / "key.pem").read_text())


def profile(server, name, authority, pair):
    """The text of a profile; authority: the CA's certificate."""
    def indented(pem):
        return "\n".join(f"  {line}" for line in pem.strip().splitlines())

    return (f"[client]\nserver = {server}\nname = {name}\n"
            f"[trust]\nca =\n{indented(authority)}\n"
            f"[identity]\ncertificate =\n{indented(pair.certificate)}\n"
            f"key =\n{indented(pair.key)}\n")
