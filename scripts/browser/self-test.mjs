// Shows that the checks can fail: a page is spoilt on its way to the browser,
// and the check that is there for this fault must report it.
import { copies, features } from "./feature-checks.mjs";
import { inspect, settle, watch } from "./page-checks.mjs";

const heavy = (script) =>
  ["?1", "?2", "?3"]
    .map((n) => `<script src="${script}${n}"></script>`)
    .join("");

/** Check that must report, and what is put at the start of the text. */
const SPOILT_PAGES = [
  ["third parties", '<script src="https://example.com/third.js"></script>'],
  ["bytes", (files) => heavy(files.mermaid)],
  ["overflow", '<div style="width: 3000px">wide</div>'],
  ["diagrams", '<pre class="mermaid">flowchart LR\na --> b</pre>'],
  ["diagrams", '<pre class="mermaid">flowchart nowhere --</pre>'],
  ["images", '<img src="missing.png" alt="not there">'],
  ["accessibility", '<p style="color: #ddd; background: #fff">pale</p>'],
  ["errors", "<script>notDefined();</script>"],
];

/** Feature that must fail, and the file that it does not get. */
const SPOILT_FEATURES = [
  ["search finds a page", /searchindex/],
  ["the sidebar works by keyboard at 360 px", /theme\/site-/],
  ["the skip link leads to the text", /theme\/site-/],
  ["light and dark can be chosen and stay", /theme\/site-/],
  ["the print page and the plain contents load", /theme\/site-/],
  ["the site works from file://", /theme\/site-/],
];

async function pageFault(browser, site, [check, spoil], files) {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
  });
  const seen = watch(page);
  const spoilt = typeof spoil === "function" ? spoil(files) : spoil;
  await page.route(site.url("index.html"), async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("<main>", `<main>${spoilt}`);
    await route.fulfill({ response, body });
  });
  await page.goto(site.url("index.html"));
  await settle(page);
  const { found } = await inspect(page, seen, site);
  await page.close();
  return found[check].length > 0 ? [] : [`does not report ${spoilt}`];
}

async function featureFault(browser, check, missing) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
  });
  context.setDefaultTimeout(3_000);
  await context.route(missing, (route) => route.abort());
  try {
    await check(await context.newPage());
    return [`passes without ${missing}`];
  } catch {
    return [];
  } finally {
    await context.close();
  }
}

/** Copying must notice a block whose text a script has changed. */
async function copyFault(browser, check) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(3_000);
  await context.addInitScript(() => {
    addEventListener("load", () => {
      for (const code of document.querySelectorAll("pre > code"))
        code.append("!");
    });
  });
  try {
    await check(await context.newPage());
    return ["passes although the code differs"];
  } catch {
    return [];
  } finally {
    await context.close();
  }
}

async function withCode(browser, site, chapters) {
  const page = await browser.newPage();
  try {
    for (const chapter of chapters) {
      await page.goto(site.url(chapter));
      const blocks = page.locator("main pre > code:not(.language-text)");
      if (await blocks.count()) return chapter;
    }
    return undefined;
  } finally {
    await page.close();
  }
}

/** Name and faults of each doubt: none when the check does fail. */
export async function doubts(browser, site, book, chapters) {
  const results = [];
  const files = { mermaid: await site.asset("mermaid-") };
  for (const spoilt of SPOILT_PAGES)
    results.push([
      `self-test: the check of ${spoilt[0]} can fail`,
      await pageFault(browser, site, spoilt, files),
    ]);
  const all = new Map(features(site, book, chapters));
  for (const [name, missing] of SPOILT_FEATURES)
    results.push([
      `self-test: "${name}" can fail`,
      await featureFault(browser, all.get(name), missing),
    ]);
  const chapter = await withCode(browser, site, chapters);
  if (chapter) {
    const [[name, check]] = copies(site, [chapter]);
    results.push([
      `self-test: "${name}" can fail`,
      await copyFault(browser, check),
    ]);
  }
  return results;
}
