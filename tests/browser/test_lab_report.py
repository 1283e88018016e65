"""The page of the lab in a browser: its filter, its cells that open what was seen, and its address."""

import base64
import json

import pytest
from playwright.async_api import expect

from lab.cases import CASES
from lab.report import html

SCRIPT = "<img src=x onerror=window.hacked=1>"
SCOPE, REQUEST = (
    next(case for case in CASES if case.startswith(f"http.{part}.")) for part in ("scope", "request")
)
VERDICTS = {
    (SCOPE, "daphne"): "breaks",
    (SCOPE, "uvicorn-h11"): "keeps",
    (REQUEST, "daphne"): "keeps",
    (REQUEST, "uvicorn-h11"): "keeps",
}


def encoded(data):
    return {"base64": base64.b64encode(data).decode()}


EVIDENCE = {
    "said": [
        {"by": "client", "at": 0.0, "data": encoded(b"GET / HTTP/1.1\r\n\xff\r\n")},
        {"by": "server", "at": 0.1, "data": encoded(SCRIPT.encode())},
    ],
    "answers": [
        {
            "status": 200,
            "reason": "OK",
            "headers": [["server", SCRIPT]],
            "body": encoded(b"hello"),
            "trailers": [],
            "informational": [],
            "ended": "whole",
        }
    ],
    "frames": [],
    "closed": "open",
    "goaway": None,
    "alive": True,
    "output": "",
    "error": "",
    "life": None,
    "conversations": [
        {
            "lanes": [
                {
                    "scope": {
                        "type": "http",
                        "path": SCRIPT,
                        "headers": [{"$tuple": [{"$bytes": "a"}, {"$bytes": "b"}]}],
                    },
                    "events": [
                        {
                            "direction": "send",
                            "fields": {"type": "http.response.body", "body": {"$bytes": SCRIPT}},
                            "error": None,
                        }
                    ],
                    "outcome": {"how": "return", "error": None},
                    "violations": [],
                }
            ]
        }
    ],
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The address of a page with two cases and two servers."""
    rows = [
        {
            "case": case,
            "target": target,
            "version": 1,
            "verdict": verdict,
            "why": f"Because of {SCRIPT}",
            "evidence": EVIDENCE,
        }
        for (case, target), verdict in VERDICTS.items()
    ]
    targets = {"daphne": {"daphne": "4"}, "uvicorn-h11": {"uvicorn": "0.5"}}
    data = {"made": "2026-11-28T00:00:00", "python": "3.13", "targets": targets, "results": rows, "wrong": []}
    file = tmp_path_factory.mktemp("report") / "index.html"
    file.write_text(html(json.loads(json.dumps(data))), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", [SCOPE, REQUEST]),
        ("daphne:breaks", [SCOPE]),
        ("uvicorn:keeps daphne:breaks", [SCOPE]),
        ("uvicorn:breaks", []),
        ("any:breaks,differs", [SCOPE]),
        ("all:keeps", [REQUEST]),
        ("path:http/scope", [SCOPE]),
        ("-path:http/scope", [REQUEST]),
        ("servers:differ", [SCOPE]),
        ("servers:agree", [REQUEST]),
        ("http:2", []),
        ("changed:yes", []),
        (REQUEST, [REQUEST]),
        ('"because of"', [SCOPE, REQUEST]),
        ("nothing:keeps", []),
    ],
)
async def test_filter_leaves_the_cases_that_it_means(report, tab, text, shown):
    async with tab(report) as page:
        await page.get_by_label("filter").fill(text)
        rows = page.locator("tr.case:visible")
        assert [await row.get_attribute("id") for row in await rows.all()] == shown
        if text == "nothing:keeps":
            await expect(page.locator("#count")).to_have_text("There is no server, and no key, nothing.")


async def test_address_keeps_the_filter_and_the_cell(report, tab):
    async with tab(report) as page:
        await page.get_by_label("filter").fill("daphne:breaks")
        await page.get_by_role("button", name="breaks").click()
        await expect(page.locator("#panel")).to_contain_text("What the application sees")
        address = page.url
    async with tab(address) as page:
        await expect(page.get_by_label("filter")).to_have_value("daphne:breaks")
        await expect(page.locator("#panel h2")).to_have_text("daphne")
        await expect(page.locator("#panel .seen")).to_be_visible()


async def test_cell_shows_what_was_seen_as_text(report, tab):
    async with tab(f"{report}#open={SCOPE}@daphne@1") as page:
        panel = page.locator("#panel")
        await expect(panel.locator(".said .client pre")).to_have_text("GET / HTTP/1.1\\r\\n\n\\xff\\r\\n\n")
        await expect(panel.locator(".events")).to_contain_text(f"body=b'{SCRIPT}'")
        await panel.locator("summary").click()
        await expect(panel).to_contain_text("[(b'a', b'b')]")
        assert await page.locator("img").count() == 0
        assert await page.evaluate("window.hacked") is None


async def test_table_is_walked_with_arrows_and_left_with_escape(report, tab):
    async with tab(report) as page:
        await page.keyboard.press("/")
        await expect(page.get_by_label("filter")).to_be_focused()
        first = page.locator("#table button[tabindex='0']")
        await expect(first).to_have_count(1)
        await first.focus()
        await page.keyboard.press("Enter")
        title = page.locator("#panel h2")
        await expect(title).to_have_text("daphne")
        await page.keyboard.press("ArrowRight")
        await expect(title).to_have_text("uvicorn-h11")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#panel .id")).to_have_text(REQUEST)
        await page.keyboard.press("Escape")
        await expect(page.locator("#panel")).to_be_hidden()
        await expect(page.locator(f"[id='{REQUEST}'] button").nth(1)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_narrow_screen_shows_all_of_it(report, tab, scheme):
    options = {"viewport": {"width": 400, "height": 800}, "color_scheme": scheme}
    async with tab(f"{report}#open={SCOPE}@daphne@1", **options) as page:
        await expect(page.locator("#panel .seen")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 400


async def test_table_is_there_without_scripts(report, tab):
    async with tab(report, java_script_enabled=False) as page:
        await page.locator("summary", has_text=SCOPE).click()
        await expect(page.locator("tr.case li").first).to_contain_text(f"Because of {SCRIPT}")
        await expect(page.locator("#filter")).to_be_hidden()
