# SPDX-License-Identifier: Apache-2.0
"""The page at the VPN's own port, over its TLS: a browser's way in, from elsewhere."""

from browser import Browser
from lan import OFFICE4, Lan

PASSWORD = "a long password of the admin"


def test_an_admin_logs_in_at_the_port_of_the_vpn(built_page):
    with Lan() as lan:
        server = lan.server("""
            [server]
            password-memory = 19M
            password-passes = 2
            [admin]
            on-vpn-port = yes
        """)
        secret = lan.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        assert server.cli("admin", "passwd", "--file", secret).returncode == 0
        elsewhere = lan.host("elsewhere")
        lan.join_internet(elsewhere, "192.0.2.66", "2001:db8:ffff::66")
        browser = Browser(elsewhere.enter([]), lan.folder)
        try:
            browser.open(f"https://{OFFICE4}/")
            browser.fill("Password", PASSWORD)
            browser.click("Log in")
            browser.see(text="All is well")
            lan.client("alice")
            browser.go("clients")
            browser.see(text="1 client")  # it looks on: events come over the same port
            browser.open(f"https://{OFFICE4}/")
            browser.see(text="All is well")  # the cookie is kept, and no script sees it
            assert browser.evaluate("document.cookie") == ""
            assert browser.problems() == []
        finally:
            browser.close()
