"""What a person sees: the numbers of the API, plain words, and pages that anyone can use."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.web.story import Story

pytestmark = pytest.mark.xdist_group("serve")

# WCAG 2: 4.5 for text, 3 for large text; measured on every element that shows text of its own.
CONTRAST = """() => {
  const light = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = node => {
    for (let n = node; n; n = n.parentElement) {
      const c = rgb(getComputedStyle(n).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.body.querySelectorAll('*')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const [a, b] = [lum(rgb(style.color)), lum(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) bad.push(`${node.tagName} ${node.textContent.trim()} ${ratio}`);
  }
  return bad;
}"""


def check_page(page: Page) -> None:
    """What holds for every page: language, title, one heading, landmarks, labels, contrast, fit."""
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().endswith("carbonbank")
    assert page.locator("h1").count() == 1
    for landmark in ("banner", "main", "navigation", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
    assert "DEMO" in page.get_by_role("note").inner_text()
    levels = [int(one[1]) for one in page.locator("h1, h2, h3").evaluate_all(
        "nodes => nodes.map(node => node.tagName)"
    )]  # fmt: skip
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = "nodes => nodes.filter(n => !n.labels.length && !n.textContent.trim()).length"
    assert page.locator("input, button").evaluate_all(unnamed) == 0
    assert page.locator("a").evaluate_all("nodes => nodes.every(n => n.textContent.trim())")
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def masses(page: Page, selector: str = ".card data") -> list[int]:
    """The exact numbers on a page, whose words must say the same in kilograms."""
    found: list[Any] = page.locator(selector).evaluate_all(
        "nodes => nodes.map(node => [Number(node.value), node.textContent])"
    )
    for grams, words in found:
        if words.endswith(" kg"):
            assert round(float(words[:-3].replace(",", "")) * 1000) == grams
    return [grams for grams, _ in found]


def test_the_front_page_lists_what_was_saved(visit: Visit, story: Story) -> None:
    page = visit.go("/")
    check_page(page)
    batches = story.stranger.get("/batches")["items"]
    views = [story.stranger.get(f"/batches/{one['batch_id']}") for one in batches]
    issued = [view for view in views if view["tx_hash"]]
    assert page.locator("tbody tr").count() == len(issued)
    sums = [sum(view[part] for view in issued) for part in ("total_g", "retired_g", "buffer_g")]
    assert masses(page) == sums
    page.get_by_role("link", name="June 2024").click()
    assert page.url.endswith(f"/batches/{story.batch}")


def test_a_batch_page_shows_the_numbers_of_the_api(visit: Visit, story: Story) -> None:
    page = visit.go(f"/batches/{story.batch}")
    check_page(page)
    batch = story.stranger.get(f"/batches/{story.batch}")
    parts = ("total_g", "held_g", "claimable_g", "retired_g", "buffer_g")
    assert masses(page) == [batch[part] for part in parts]
    page.get_by_text("Proofs, for whoever wants to check").click()
    for proof in ("batch_id", "verifier", "evidence_root", "report_hash", "tx_hash"):
        assert page.get_by_text(batch[proof]).is_visible(), proof
    check_page(page)
    (retired,) = batch["retirements"]
    assert page.get_by_role("rowheader", name=retired["beneficiary"]).is_visible()
    paper = page.get_by_role("link", name="Certificate").get_attribute("href") or ""
    answer = page.request.get(visit.url + paper)
    assert answer.headers["content-type"] == "application/pdf"


def test_a_driver_signs_in_by_keyboard_and_sees_the_balance(visit: Visit, story: Story) -> None:
    page = visit.sign_in(story.anna.api_key)
    check_page(page)
    balance = story.anna.get("/accounts/anna")
    assert masses(page) == [
        balance["held_g"] + balance["claimable_g"],
        balance["held_g"],
        balance["claimable_g"],
        balance["retired_g"],
        balance["money_units"],
    ]
    (row,) = balance["batches"]
    assert masses(page, "tbody data") == [row["held_g"], row["claimable_g"], row["retired_g"]]
    cookies = page.context.cookies()
    assert [(one["httpOnly"], one["sameSite"]) for one in cookies] == [(True, "Strict")]
    assert story.anna.api_key.split("_")[2] not in str(cookies)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{visit.url}/balance")
    assert page.get_by_label("Your key").is_visible()
    # The page of a stranger is a 401, which a browser notes as such.
    visit.complaints = [one for one in visit.complaints if "401" not in one]


def test_a_wrong_key_is_told_so(visit: Visit) -> None:
    page = visit.go("/sign-in")
    check_page(page)
    page.get_by_label("Your key").fill("cb_nobody_nothing")
    page.get_by_role("button", name="Sign in").click()
    assert "does not know" in page.get_by_role("alert").inner_text()
    check_page(page)
    visit.complaints = [one for one in visit.complaints if "401" not in one]


def test_a_problem_has_a_page_that_says_what_to_do(visit: Visit) -> None:
    page = visit.go("/problems/FileTooLarge")
    check_page(page)
    assert "split the file by month" in page.get_by_role("main").inner_text()


def test_a_page_that_is_not_there_says_so(visit: Visit) -> None:
    page = visit.go("/nothing")
    check_page(page)
    assert page.get_by_role("heading", name="Not Found").is_visible()
    visit.complaints = [one for one in visit.complaints if "404" not in one]
