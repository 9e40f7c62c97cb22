# SPDX-License-Identifier: Apache-2.0
"""What a peer calls itself is text wherever it is shown: on the page of a real server (its line, its
view, its events), on a terminal, in the log.  HTML, JavaScript, ANSI codes and every byte value."""

import re

import pytest

import certificates
from browser import Browser
from lan import OFFICE4, Lan
from speaker import HELLO, WELCOME, Speaker, tlv

URL = "http://127.0.0.1:8006/"
PASSWORD = "a long password of the admin"
LONGEST = 63  # bytes of a device's name
EVERY_BYTE = bytes(range(1, 256))

MARKUP = [b"<img src=x onerror=document.title='hacked'>", b"<script>document.title='hacked'</script>",
          b"\"'><svg onload=document.title='hacked'>", b"</td></tr></table><h1>hacked</h1>",
          b"javascript:document.title='hacked'", b"${document.title='hacked'}{{7*7}}", b"&lt;b&gt;&amp;",
          b"\x1b[2J\x1b[31mred\x1b]0;hacked\x07", b"a\r\nclient 9: closed\r\n", b"%s%n%x",
          "\u202egnp.exe\u200b".encode()]
NAMES = MARKUP + [EVERY_BYTE[at:at + LONGEST] for at in range(0, 255, LONGEST)]

# What no terminal may be sent: every control but the end of a line, in UTF-8 or raw.
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
MADE = "document.querySelectorAll('main img, main script, main h1 + h1, main b, main svg[onload]').length"


@pytest.fixture(scope="module")
def lan(built_page):
    with Lan() as made:
        made.server("""
            [server]
            password-memory = 19M
            password-passes = 2
            [admin]
            listen = 127.0.0.1:8006
        """)
        done = made.the_server.cli("admin", "passwd", input=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr
        assert made.the_server.cli("user", "add", "alice").returncode == 0
        made.away = made.host("away")
        made.join_internet(made.away, "192.0.2.77", "2001:db8:ffff::77")
        profile = made.the_server.cli("user", "profile", "alice").stdout.partition("[identity]")[2]
        made.shown = "\n".join(line.strip() for line in profile.splitlines()
                               if line.startswith(" ") or line.startswith("\t")) + "\n"
        made.ca = certificates.authority_of(made.folder / "state").certificate
        yield made


@pytest.fixture(scope="module")
def page(lan):
    browser = Browser(lan.office.enter([]), lan.folder)
    try:
        browser.open(URL)
        browser.fill("Password", PASSWORD)
        browser.click("Log in")
        browser.go("clients")
        browser.see(text="Nobody is connected.")
        yield browser
        assert browser.problems() == []
    finally:
        browser.close()


def harmless(what, text):
    found = CONTROL.search(text)
    assert not found, f"{what}: {text[max(0, found.start() - 40):found.end() + 40]}"


def said(lan, *verb):
    done = lan.the_server.cli(*verb)
    assert done.returncode == 0, done.stderr
    harmless(verb, done.stdout.encode())
    return done.stdout


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_devices_name_is_text(lan, page, name):
    with Speaker(lan.away, OFFICE4, lan.ca, lan.shown) as speaker:
        speaker.say(HELLO, tlv(1, b"\0\1") + tlv(2, bytes(4)) + tlv(3, (1514).to_bytes(4, "big")) +
                    tlv(4, b"\x02\0\0\0\0\1") + tlv(7, name))
        speaker.hear(WELCOME)
        shown = lan.until(lambda: lan.the_server.client("alice"), "nobody is connected")["device"]
        assert shown and not CONTROL.search(shown.encode())
        page.see(css="tbody tr:has(a:text-is('alice'))")
        cell = page.evaluate("document.querySelector('tbody td').textContent")
        # what the server leaves of it, letter by letter; what has no shape is written as \\uXXXX
        assert cell == re.sub("[\u200b\u202e]", lambda found: f"\\\\u{ord(found[0]):04x}", shown)
        page.click("alice", role="link")
        page.see(css="main .facts")
        page.see(css=".recent li")  # its event has the name too
        assert page.evaluate(MADE) == 0
        assert "hacked" not in page.evaluate("document.title")
        assert "alice" in said(lan, "status")
    page.go("clients")
    page.see(text="Nobody is connected.")


def test_all_that_was_said_of_them_since(lan):
    assert said(lan, "events").count("logged in") >= len(NAMES)
    assert said(lan, "show", "audit")
    log = lan.the_server.daemon.log_path.read_bytes()
    assert log.count(b"logged in") >= len(NAMES)
    harmless("log", log)
