#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files that the program brings, as C: embed.py OUTPUT.c URL=FILE...

Each as it is and compressed, with its type and an entity tag (RFC 9110 8.8.3) of its content.
Nothing in the output depends on when or where it was made.
"""

import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def array(name, data):
    rows = [", ".join(map(str, data[at:at + 24])) for at in range(0, len(data), 24)]
    body = ",\n\t".join(rows)
    return f"static const unsigned char {name}[] = {{\n\t{body}\n}};\n"


def main(output, *pairs):
    text = ["/* Made by admin/embed.py. */\n", '#include "admin/files.h"\n\n']
    rows = []
    for number, pair in enumerate(pairs):
        url, _, path = pair.partition("=")
        plain = Path(path).read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)
        tag = hashlib.sha256(plain).hexdigest()[:32]
        kind = TYPES[Path(path).suffix]
        text += [array(f"plain_{number}", plain), array(f"packed_{number}", packed)]
        rows.append(f'\t{{ "{url}", "{kind}", "\\"{tag}\\"", plain_{number}, sizeof(plain_{number}), '
                    f'packed_{number}, sizeof(packed_{number}) }},\n')
    text += ["\nconst struct admin_file admin_files[] = {\n", *rows, "};\n",
             f"const unsigned admin_file_count = {len(rows)};\n"]
    Path(output).write_text("".join(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
