#!/usr/bin/env node
// Signs in at a running BFF, as a person in a browser does, and looks at what
// its page shows, at two widths and in both themes.
//
//   node listings/bff/checks/page.mjs URL [--screenshots DIR]
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { axe, launch } from "../../../scripts/browser/browser.mjs";

const VIEWS = [1280, 360].flatMap((width) =>
  ["light", "dark"].map((colorScheme) => ({ width, colorScheme })),
);

/** Resolves when the page shows what `person` gets, "" for nobody. */
const ready = (page, person) =>
  page.waitForFunction(
    (person) => document.body.dataset.ready === person,
    person,
    { timeout: 15_000 },
  );

/** The number or text that a client's card shows. */
const shown = (page, client, what) =>
  page
    .locator("section", { has: page.getByRole("heading", { name: client }) })
    .locator(`[data-is=${what}]`)
    .textContent();

async function signIn(page, url) {
  await page.goto(url);
  await ready(page, "");
  await page.getByRole("link", { name: "Sign in as Ada" }).click();
  await ready(page, "ada");
}

async function threeAnswers(page) {
  const bytes = {};
  for (const client of ["Web", "Mobile", "Desktop"]) {
    assert.equal(await shown(page, client, "status"), "200", client);
    assert.match(await shown(page, client, "trace"), /^[0-9a-f]{32}$/, client);
    const text = await shown(page, client, "bytes");
    bytes[client] = Number(text.replaceAll(",", ""));
  }
  assert.ok(bytes.Mobile <= 0.35 * bytes.Web, JSON.stringify(bytes));
  const calls = await page.locator("section .bar").count();
  assert.ok(calls >= 3, `${calls} bars`);
  return bytes;
}

async function nothingForScripts(context, page) {
  assert.equal(await page.evaluate(() => document.cookie), "");
  const stored = await page.evaluate(
    () => localStorage.length + sessionStorage.length,
  );
  assert.equal(stored, 0);
  const cookies = await context.cookies();
  const session = cookies.find(({ name }) => name === "__Host-session");
  assert.ok(session?.httpOnly && session.secure, JSON.stringify(cookies));
  assert.equal(session.sameSite, "Strict");
}

async function looksRight(page) {
  const width = await page.evaluate(
    () => document.documentElement.scrollWidth - innerWidth,
  );
  assert.ok(width <= 0, `the page is ${width} px too wide`);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
    [],
  );
}

async function signOut(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Nobody is signed in.").waitFor();
}

async function checkView(browser, url, { width, colorScheme }, screenshots) {
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // The browser reports the 401 by which the page learns that nobody is in.
    const isExpected = message.location().url.endsWith("/auth/session");
    if (message.type() === "error" && !isExpected)
      complaints.push(message.text());
  });
  await signIn(page, url);
  const bytes = await threeAnswers(page);
  await nothingForScripts(context, page);
  await looksRight(page);
  if (screenshots) {
    const path = join(screenshots, `bff-${width}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
  }
  await signOut(page);
  assert.deepEqual(complaints, []);
  await context.close();
  return bytes;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { screenshots: { type: "string" } },
  });
  const [url] = positionals;
  if (!url) throw new Error("usage: bff-page.mjs URL [--screenshots DIR]");
  const { screenshots } = values;
  if (screenshots) await mkdir(screenshots, { recursive: true });
  const browser = await launch();
  try {
    let bytes;
    for (const view of VIEWS)
      bytes = await checkView(browser, url, view, screenshots);
    console.log(`the page of the BFF: ${JSON.stringify(bytes)} bytes`);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
