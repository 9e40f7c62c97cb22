# SPDX-License-Identifier: Apache-2.0
"""Every view in every shape that a screen has, with names that would be markup if they could:
nothing reaches over the edge, axe-core finds nothing, no name becomes more than text."""

import urllib.request

import pytest

import api
from conftest import pretended

# view, and what has to be there before it is judged
VIEWS = {
    "overview": ".tile", "clients": "tbody tr", "clients/10": ".facts", "addresses": "tbody tr",
    "network": ".network .client", "router": ".facts", "users": "tbody tr", "guards": "tbody tr",
    "audit": "tbody tr",
}
# What the page asks for.
ASKED = ("session", "overview", "clients", "clients/1", "addresses", "leases", "prefixes", "router",
         "guards", "users", "invitations", "certificates", "audit", "tokens")

# What else can be wrong there than in the first, which is judged by every rule.
CONTRAST, SIZE = "color-contrast", "target-size"
SHAPES = [(1440, 900, "light", []), (1440, 900, "dark", [CONTRAST]), (360, 780, "light", [SIZE]),
          (2560, 1300, "dark", [SIZE])]


@pytest.fixture(scope="module")
def address(built_page):
    with pretended(built_page, 12) as url:
        yield url


def test_the_pretended_server_answers_as_the_real_one_does(address):
    for name in ASKED:
        url = f"/api/v1/{name}"
        assert api.path_of(url), f"{url} is not described"
        with urllib.request.urlopen(address.rstrip("/") + url) as got:
            api.check("GET", url, api.Answer(got.status, got.headers, got.read()))


@pytest.mark.parametrize("width, height, scheme, rules", SHAPES)
def test_every_view_is_sound_in(width, height, scheme, rules, address, browser):
    browser.open(address, width, height, scheme)
    for view, sign in VIEWS.items():
        browser.go(view)
        browser.see(sign)
        found = browser.judge(*rules)
        assert not found, f"{view}: " + "\n".join(found)
        assert browser.sideways() <= 0, f"{view} is wider than {width} px"
        browser.shoot(f"{view.replace('/', '-')}-{width}-{scheme}")
    assert browser.problems() == []


def test_hostile_names_are_text(address, browser):
    browser.open(f"{address}#/clients?q=hacked")
    browser.see("tbody tr")
    names = browser.texts("tbody th a")
    assert "<img src=x onerror=document.title='hacked'>" in names
    for view, sign in VIEWS.items():
        browser.go(view)
        browser.see(sign)
        assert browser.evaluate("document.querySelectorAll('main img, main script, main b').length") == 0
        assert "hacked" not in browser.evaluate("document.title").split("–")[-1]
    assert browser.evaluate("document.title").endswith("Lanyard")
    assert browser.problems() == []


def test_no_script_in_the_page_itself_runs(address, browser):
    """The policy (W3C CSP3) holds where text becoming markup would not be stopped otherwise."""
    browser.open(address)
    browser.see(".tile")
    browser.evaluate("""(() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'hacked'";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\\"document.title='hacked'\\">");
    })()""")
    assert browser.evaluate("document.title") != "hacked"
    assert any("Content Security Policy" in problem for problem in browser.problems())


def test_the_filter_and_the_order_are_in_the_address(address, browser):
    browser.open(f"{address}#/clients")
    browser.see("tbody tr")
    browser.fill("Filter: user, device, address …", "bob")
    browser.see(text="1 of 12 clients")
    browser.click("Received")
    assert browser.evaluate("location.hash") == "#/clients?q=bob&sort=-rx"
    assert browser.evaluate(
        "document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    browser.open(f"{address}#/clients?q=bob&sort=user")
    browser.see(text="1 of 12 clients")
    assert browser.texts("tbody th a") == ["bob"]


def test_a_view_is_walked_by_keyboard(address, browser):
    browser.open(f"{address}#/clients")
    browser.see("tbody tr")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.textContent") == "Skip to content"
    browser.press("Enter")
    assert browser.evaluate("document.activeElement.id") == "main"
    for wanted in "Filter: user, device, address …", "Connected clients":
        browser.press("Tab")
        assert browser.evaluate("document.activeElement.getAttribute('aria-label')") == wanted
    browser.press("Tab")
    browser.press("Enter")
    assert browser.evaluate("location.hash") == "#/clients?sort=-user"


def test_nothing_is_a_state_too(built_page, browser):
    with pretended(built_page, 0) as url:
        browser.open(url)
        browser.see(text="Nobody is connected.")
        for view in "clients", "addresses", "network", "guards", "users":
            browser.go(view)
            browser.see(".empty .title")
            assert not browser.judge(), view
        browser.shoot("empty-users")
    assert browser.problems() == []


def test_a_lost_server_is_said_and_found_again(built_page, browser):
    browser_url = None
    with pretended(built_page, 3) as url:
        browser_url = url
        browser.open(url)
        browser.see(".tile")
    browser.see(".connection.lost")
    assert "Connection to the server lost" in browser.text(".connection")
    assert not browser.judge()
    browser.shoot("lost")
    assert browser_url
    browser.problems()


def test_what_cannot_be_read_says_so(address, browser):
    browser.open(f"{address}#/clients/9999")
    browser.see(text="This client is not connected")
    assert not browser.judge()
    browser.shoot("no-such-client")
    browser.problems()
