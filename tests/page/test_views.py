# SPDX-License-Identifier: Apache-2.0
"""Every view in every shape that a screen has, with names that would be markup if they could:
nothing reaches over the edge, axe-core finds nothing, no name becomes more than text."""

import urllib.parse
import urllib.request

import pytest

import api
from conftest import pretended

# view, and what has to be there before it is judged
VIEWS = {
    "overview": ".tile", "clients": "tbody tr", "clients/10": ".facts",
    "clients/3": ".captures", "addresses": "tbody tr",
    "network": ".network .client", "router": ".facts", "users": "tbody tr", "guards": "tbody tr",
    "configuration": "tbody tr", "audit": "tbody tr",
}
# That are not the view's name.
TITLES = {"audit": "Audit log", "clients/10": "Client", "clients/3": "Client"}
# What the page asks for.
ASKED = ("session", "overview", "clients", "clients/1", "clients/1/events", "captures", "addresses",
         "leases", "prefixes", "router", "guards", "users", "invitations", "certificates",
         "configuration", "history", "clients/1/history", "audit", "tokens")

SHAPES = [(1440, 900, "light"), (1440, 900, "dark"), (360, 780, "light"), (2560, 1300, "dark")]
ROOMY = 1440  # from this width on every column of every table is to be seen at once

# By how many pixels the widest table is wider than its frame.
OVER = """Math.max(0, ...[...document.querySelectorAll("main .scroll")].map(
    ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))"""

DIALOG_OVER = """(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(
    document.querySelector("dialog"))"""

# Before the page's own script: nothing is heard of the server but who is logged in.
SILENT = """globalThis.EventSource = class extends EventTarget { close() {} };
const ask = globalThis.fetch;
globalThis.fetch = (url, options) => /session$/.test(url) ? ask(url, options) : %s;"""
REFUSED = """Promise.resolve(new Response('{"error": "the disk is full", "status": 1}', { status: 500 }))"""


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


def judge_and_shoot(browser, name):
    found = browser.judge()
    assert not found, f"{name}: " + "\n".join(found)
    browser.shoot(name)


@pytest.mark.parametrize("width, height, scheme", SHAPES)
def test_every_view_is_sound_in(width, height, scheme, address, browser):
    browser.open(address, width, height, scheme)
    shape = f"{width}-{scheme}"
    for view, sign in VIEWS.items():
        browser.go(view)
        browser.see(sign)
        judge_and_shoot(browser, f"{view.replace('/', '-')}-{shape}")
        assert browser.sideways() <= 0, f"{view} is wider than {width} px"
        over = browser.evaluate(OVER)
        assert width < ROOMY or over == 0, f"a table of {view} is {over} px too wide"
    browser.go("clients/3")
    browser.ask("click", css=".heading button:text-is('Capture')")
    browser.see("dialog select")
    judge_and_shoot(browser, f"dialog-capture-{shape}")
    assert browser.evaluate(DIALOG_OVER) <= 0, f"a field is wider than its dialog at {width} px"
    browser.press("Escape")
    browser.go("users")
    browser.ask("click", css="tr:has(th:text-is('alice')) button:text-is('Manage')")
    browser.see("dialog .manage")
    judge_and_shoot(browser, f"dialog-{shape}")
    browser.press("Escape")
    browser.click("Log out")
    browser.see(text="You are logged out.")
    judge_and_shoot(browser, f"login-{shape}")
    assert browser.problems() == []


@pytest.mark.parametrize("name, answer, sign", [("loading", "new Promise(() => {})", ".waiting"),
                                                ("failed", REFUSED, ".failure")])
def test_every_view_has_a_state_for(name, answer, sign, address, browser):
    browser.open(address, first=SILENT % answer)
    for view in VIEWS:
        browser.go(view)
        browser.see(f"main:has(h1:text-is('{TITLES.get(view, view.capitalize())}')) {sign}")
        if name == "failed":
            assert "The disk is full." in browser.text(sign), view
        found = browser.judge()
        assert not found, f"{view}: " + "\n".join(found)
    browser.shoot(f"{name}-audit")
    assert browser.problems() == []


# A server that has just begun.
NO_HISTORY = """const ask = globalThis.fetch, none = { step_s: 10, since_s: 0, rx_bytes: [], tx_bytes: [] };
globalThis.fetch = (url, options) => /history$/.test(url) ? Promise.resolve(new Response(
    JSON.stringify({ schema: 1, now_s: Date.now() / 1000, client: 1, hour: none, day: none }))) : ask(url, options);"""
POINTS = "document.querySelectorAll('.behind tbody tr').length"


@pytest.mark.parametrize("view", ["overview", "overview?time=day", "clients/1"])
def test_a_graph_has_what_was_before_the_page(view, address, browser):
    browser.open(f"{address}#/{view}")
    browser.see(".chart")
    assert browser.evaluate("document.querySelector('.begins').hidden")
    browser.ask("click", css=".behind summary")
    browser.wait_for(f"{POINTS} >= 50")
    assert browser.problems() == []


def test_a_graph_of_one_measurement_says_that_it_begins(address, browser):
    browser.open(address, first=NO_HISTORY)
    browser.see(text="Measuring: the line begins in a few seconds.")
    browser.miss(text="Measuring: the line begins in a few seconds.")
    assert browser.problems() == []


def test_the_theme_that_is_chosen_is_that_of_the_system_until_then(address, browser):
    def ground():
        return browser.evaluate("getComputedStyle(document.body).backgroundColor")

    browser.open(address, scheme="dark", keep=False)
    dark = ground()
    for label, same in ("System colours", True), ("Light", False), ("Dark", True):
        assert (ground() == dark) == same, label
        browser.click(label)
    browser.click("System colours")
    light = ground()
    assert light != dark
    browser.open(address, scheme="dark")
    assert ground() == light  # it is remembered
    browser.open(address, scheme="light", keep=False)
    assert ground() == light
    browser.problems()


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
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.textContent") == "Capture"
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
    with pretended(built_page, 3) as url:
        browser.open(url)
        browser.see(".tile")
    browser.see(".connection.lost")
    assert "Connection to the server lost" in browser.text(".connection")
    assert not browser.judge()
    browser.shoot("lost")
    with pretended(built_page, 4, urllib.parse.urlsplit(url).port):
        browser.miss(".connection.lost")
        browser.see(css=".tile .value:text-is('4')")
    browser.problems()  # of the connection that was lost


def test_what_cannot_be_read_says_so(address, browser):
    browser.open(f"{address}#/clients/9999")
    browser.see(text="This client is not connected")
    assert not browser.judge()
    browser.shoot("no-such-client")
    browser.problems()
