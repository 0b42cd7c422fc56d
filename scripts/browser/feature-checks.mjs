// What the reader does with the site: search, copy, open the sidebar, change
// the theme, open it from a folder. Each check throws what went wrong.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { settle, watch } from "./page-checks.mjs";

/** A chapter other than the first, and a word of its heading to search for. */
async function aim(page, address, chapters) {
  for (const chapter of chapters.filter((name) => name !== "index.html")) {
    await page.goto(address(chapter));
    const heading = await page.locator("main h1").first().innerText();
    const word = heading.match(/[A-Za-z]{6,}/)?.[0];
    if (word) return { chapter, heading, word };
  }
  throw new Error("no page has a heading with a word to search for");
}

async function search(page, address, chapters) {
  const { chapter, heading, word } = await aim(page, address, chapters);
  await page.goto(address("index.html"));
  await page.keyboard.press("/");
  await page.locator("#mdbook-searchbar").pressSequentially(word);
  const results = page.locator("#mdbook-searchresults a");
  await results.first().waitFor();
  const hrefs = await results.evaluateAll((links) => links.map((a) => a.href));
  const at = hrefs.findIndex((href) =>
    href.split("?")[0].endsWith(`/${chapter}`),
  );
  assert.notEqual(at, -1, `"${word}" does not find ${chapter}: ${hrefs}`);
  await results.nth(at).click();
  await page.waitForURL((url) => url.pathname.endsWith(`/${chapter}`));
  assert.equal(await page.locator("main h1").first().innerText(), heading);
}

/** Every code block but output: what the button copies is what was written. */
async function copy(page, url) {
  const blocks = "main pre > code:not(.language-text)";
  await page.goto(url);
  const written = await page.evaluate(async (blocks) => {
    const html = await (await fetch(location.href)).text();
    const source = new DOMParser().parseFromString(html, "text/html");
    return [...source.querySelectorAll(blocks)].map((code) => {
      for (const hidden of code.querySelectorAll(".boring")) hidden.remove();
      return code.textContent.replace(/\n$/, "");
    });
  }, blocks);
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
  });
  const buttons = page.locator("main pre > .buttons .clip-button:visible");
  assert.equal(
    await buttons.count(),
    written.length,
    "code blocks with a button",
  );
  if (written.length === 0) return 0;
  // The mouse takes its time. It clicks one, and the others are clicked.
  await buttons.first().click();
  const copied = await buttons.evaluateAll(async (buttons) => {
    const texts = [];
    for (const button of buttons) {
      await navigator.clipboard.writeText("nothing was copied");
      button.click();
      texts.push(await navigator.clipboard.readText());
    }
    return texts;
  });
  for (const [at, text] of written.entries()) {
    assert.notEqual(text, "", `code block ${at + 1} is empty`);
    assert.equal(copied[at], text, `code block ${at + 1}`);
  }
  return written.length;
}

/** Opens a page for the keyboard, which starts at the top. Some versions of
    Chromium start where the sidebar has scrolled to. */
async function openForKeys(page, url) {
  await page.goto(url);
  await settle(page);
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus());
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
}

/** On a phone's width, by keyboard alone: open, follow, close. */
async function sidebar(page, site) {
  await page.setViewportSize({ width: 360, height: 740 });
  await openForKeys(page, site.url("index.html"));
  const focused = (selector) =>
    page.evaluate((wanted) => document.activeElement.matches(wanted), selector);
  const toggle = "#mdbook-sidebar-toggle";
  for (let presses = 0; !(await focused(toggle)); presses += 1) {
    assert.ok(presses < 10, "Tab does not reach the sidebar's button");
    await page.keyboard.press("Tab");
  }
  assert.equal(
    await page.locator(toggle).getAttribute("aria-expanded"),
    "false",
  );
  await page.keyboard.press("Enter");
  assert.equal(
    await page.locator(toggle).getAttribute("aria-expanded"),
    "true",
  );
  assert.ok(
    await focused("#mdbook-sidebar a"),
    "opening moves the focus inside",
  );
  await page.keyboard.press("Escape");
  assert.equal(
    await page.locator(toggle).getAttribute("aria-expanded"),
    "false",
  );
  assert.ok(await focused(toggle), "closing gives the focus back");
  await page.locator("#mdbook-sidebar").waitFor({ state: "hidden" });
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  const target = await page.evaluate(() => document.activeElement.href);
  assert.ok(target, "Tab inside the sidebar reaches a chapter");
  await page.keyboard.press("Enter");
  await page.waitForURL(target);
}

async function skipLink(page, site) {
  await openForKeys(page, site.url("index.html"));
  await page.keyboard.press("Tab");
  assert.ok(
    await page.evaluate(() => document.activeElement.matches(".skip-link")),
    "the first Tab reaches the skip link",
  );
  await page.keyboard.press("Enter");
  assert.ok(
    await page.evaluate(() => document.activeElement.matches("main")),
    "the skip link leads to the text",
  );
}

/** The menu holds Auto, Light and Dark; a choice stays, diagrams follow it. */
async function theme(page, site, chapters) {
  const background = () =>
    page.evaluate(
      () => getComputedStyle(document.body.parentElement).backgroundColor,
    );
  const diagramPages = [];
  for (const chapter of chapters) {
    await page.goto(site.url(chapter));
    if (await page.locator("pre.mermaid").count()) diagramPages.push(chapter);
    if (diagramPages.length === 1) break;
  }
  await page.goto(site.url(diagramPages[0] ?? "index.html"));
  await settle(page);
  const light = await background();
  const drawn = await page
    .locator(".diagram")
    .first()
    .innerHTML()
    .catch(() => "");
  await page.locator("#mdbook-theme-toggle").press("Enter");
  const names = await page.locator("#mdbook-theme-list button").allInnerTexts();
  assert.deepEqual(names, ["Auto", "Light", "Dark"]);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  assert.notEqual(await background(), light, "Dark changes the background");
  if (drawn) {
    await page.waitForFunction(
      (before) => document.querySelector(".diagram").innerHTML !== before,
      drawn,
    );
    assert.equal(
      await page.locator(".diagram").first().locator(":scope > svg").count(),
      1,
    );
  }
  const dark = await background();
  await page.reload();
  assert.equal(await background(), dark, "the choice stays");
  for (const [stored, shown] of [
    ["coal", dark],
    ["rust", light],
    ["light", light],
  ]) {
    await page.evaluate(
      (name) => localStorage.setItem("mdbook-theme", name),
      stored,
    );
    await page.reload();
    assert.equal(await background(), shown, `a stored theme "${stored}"`);
  }
}

async function lostPage(page, site) {
  const seen = watch(page);
  const answer = await page.goto(site.url("no/such/page.html"));
  assert.equal(answer.status(), 404);
  await settle(page);
  const own = seen.faults.filter((fault) => !fault.includes("no/such/page"));
  assert.deepEqual(own, []);
  const links = await page
    .locator("main a, #mdbook-sidebar a[href]")
    .evaluateAll((anchors) => anchors.map((a) => a.href));
  assert.ok(links.length > 0, "the 404 page leads nowhere");
  for (const link of links.filter((href) => href.startsWith(site.origin)))
    assert.equal((await page.request.get(link)).status(), 200, link);
}

/** print.html holds every chapter and opens the print dialogue once. */
async function printPage(page, site) {
  const seen = watch(page);
  await page.addInitScript(() => {
    globalThis.printed = 0;
    globalThis.print = () => (globalThis.printed += 1);
  });
  // All of the book on one page, with each of its diagrams, takes its time.
  const patience = { timeout: 60_000 };
  await page.goto(site.url("print.html"), patience);
  await settle(page);
  await page.waitForFunction(() => globalThis.printed === 1, null, patience);
  assert.deepEqual(seen.faults, []);
  await page.goto(site.url("toc.html"));
  assert.deepEqual(seen.faults, []);
}

/** The whole site from a folder, without a server. */
async function folder(page, book, chapters) {
  const seen = watch(page);
  const address = (name) => pathToFileURL(join(book, name)).href;
  for (const chapter of chapters) {
    await page.goto(address(chapter));
    await settle(page);
    const bare = await page.locator("pre.mermaid:not([hidden])").count();
    assert.equal(bare, 0, `${chapter}: diagrams that are not drawn`);
    assert.deepEqual(seen.faults, []);
  }
  await search(page, address, chapters);
  assert.deepEqual(seen.faults, []);
  const away = seen.urls.map((request) => request.url());
  assert.deepEqual(
    away.filter((url) => !/^(file|data|blob):/.test(url)),
    [],
  );
}

/** Name and check, each given a fresh page. */
export function features(site, book, chapters) {
  return [
    [
      "search finds a page",
      (page) => search(page, (name) => site.url(name), chapters),
    ],
    ["the sidebar works by keyboard at 360 px", (page) => sidebar(page, site)],
    ["the skip link leads to the text", (page) => skipLink(page, site)],
    [
      "light and dark can be chosen and stay",
      (page) => theme(page, site, chapters),
    ],
    ["an unknown address shows the 404 page", (page) => lostPage(page, site)],
    [
      "the print page and the plain contents load",
      (page) => printPage(page, site),
    ],
    ["the site works from file://", (page) => folder(page, book, chapters)],
  ];
}

/** Likewise; these may share a page, and need a clipboard to themselves. */
export function copies(site, chapters) {
  return chapters.map((chapter) => [
    `the copy buttons of ${chapter} copy the code`,
    (page) => copy(page, site.url(chapter)),
  ]);
}
