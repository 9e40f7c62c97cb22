# SPDX-License-Identifier: Apache-2.0
"""The admin's page in a browser at a thousand clients: how large it is, how soon it is there, and what
an update costs.  A pretended server gives the answers: the figures are the browser's alone."""

import gzip
import sys
import time

from world import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests/page"))
from browser import Browser  # noqa: E402
from conftest import pretended  # noqa: E402

CLIENTS = 1000
PAGE = BUILD / "admin/page"
SERVED = ("index.html", "page.js", "page.css", "icon.svg")
SETTLED_S, MEASURED_S = 2, 8  # one update a second

# The moment at which the first of what the overview shows is there.
WATCH = """globalThis.EventSource = class extends EventSource {
    constructor(url) {
        super(url);
        this.addEventListener("snapshot", () => { globalThis.streamedAt ??= performance.now(); });
    }
};
new MutationObserver((changes, observer) => {
    if (document.querySelector(".tile .value")?.textContent) {
        requestAnimationFrame(() => { globalThis.shownAt = performance.now(); });
        observer.disconnect();
    }
}).observe(document, { childList: true, subtree: true });"""
ARRIVED = """Math.max(globalThis.streamedAt, ...performance.getEntriesByType("resource")
    .filter(({ name, responseEnd }) => /api.v1.(overview|audit)$/.test(name)
        && responseEnd <= globalThis.shownAt).map(({ responseEnd }) => responseEnd))"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def compressed_kib():
    return sum(len(gzip.compress((PAGE / name).read_bytes(), 9)) for name in SERVED) / 1024


def opened(browser, url):
    """First paint, and from the data to what it shows, both in ms."""
    browser.open(url, first=WATCH, keep=False)
    browser.wait_for("globalThis.shownAt > 0")
    browser.wait_for(f"({PAINT}) > 0")
    shown, arrived = browser.evaluate("globalThis.shownAt"), browser.evaluate(ARRIVED)
    return browser.evaluate(PAINT), shown - arrived


def update_ms(browser, view, sign):
    """Time of the page's own thread for one update, of which there is one a second: scripts, style,
    layout, painting."""
    browser.go(view)
    browser.see(sign)
    time.sleep(SETTLED_S)
    begun, since_ms = browser.busy_s(), browser.evaluate("performance.now()")
    time.sleep(MEASURED_S)
    return 1e6 * (browser.busy_s() - begun) / (browser.evaluate("performance.now()") - since_ms)


def page(world, report, options):
    report.begin("page", f"The admin's page in chromium, {CLIENTS} clients")
    report.figure("compressed", "KiB", {"Lanyard": [compressed_kib()]})
    views = {"overview": ".tile", "clients": "tbody tr", "network": ".network .client"}
    paint, shown, updates = [], [], {view: [] for view in views}
    with pretended(PAGE, CLIENTS) as url:
        browser = Browser([], world.folder)
        try:
            for _ in range(options.rounds):
                painted, interactive = opened(browser, url)
                paint.append(painted)
                shown.append(interactive)
                for view, sign in views.items():
                    updates[view].append(update_ms(browser, view, sign))
        finally:
            browser.close()
    report.figure("first paint", "ms", {"Lanyard": paint})
    report.figure("from data to interactive", "ms", {"Lanyard": shown})
    for view, rounds in updates.items():
        report.figure(f"update of {view}", "ms", {"Lanyard": rounds})
