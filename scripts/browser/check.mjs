#!/usr/bin/env node
// Opens every page of the built book in Chromium, at two widths and in both
// themes, and uses the site as a reader does.
//
//   node scripts/browser/check.mjs [--book DIR] [--screenshots DIR]
//
//   --book DIR         the built book, book/ unless given
//   --screenshots DIR  keeps a picture of each page there
//
// CHROMIUM is the browser's path, for a Chromium in an unusual place.
import { access, mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findBrowser, launch } from "./browser.mjs";
import { copies, features } from "./feature-checks.mjs";
import * as checks from "./page-checks.mjs";
import { doubts } from "./self-test.mjs";
import { chapters, Site } from "./site.mjs";

// A page is loaded in the first theme, and then turns to the second.
const VIEWS = [
  { width: 1280, themes: ["light", "dark"] },
  { width: 360, themes: ["dark", "light"] },
];

const report = {
  passed: 0,
  failed: 0,
  note(what, faults) {
    if (faults.length === 0) this.passed += 1;
    else this.failed += 1;
    for (const fault of faults) console.error(`FAIL ${what}: ${fault}`);
  },
};

function options() {
  const { values } = parseArgs({
    options: {
      book: {
        type: "string",
        default: resolve(import.meta.dirname, "../../book"),
      },
      screenshots: { type: "string" },
    },
  });
  return { ...values, book: resolve(values.book) };
}

/** One page of the book at one width, in one theme and then in the other. */
async function visit(page, seen, site, name, view) {
  const { width, themes, screenshots, heaviest } = view;
  await page.emulateMedia({ colorScheme: themes[0] });
  seen.forget();
  await page.goto(site.url(name), { waitUntil: "load" });
  await checks.settle(page);
  for (const theme of themes) {
    if (theme !== themes[0]) await checks.turn(page, theme);
    const { found, sum, kind } = await checks.inspect(page, seen, site);
    for (const [check, faults] of Object.entries(found))
      report.note(`${name} · ${width} px · ${theme} · ${check}`, faults);
    if (!(heaviest[kind]?.sum >= sum)) heaviest[kind] = { sum, name };
    if (screenshots) {
      const file = `${name.replaceAll("/", "-").replace(/\.html$/, "")}-${width}-${theme}.png`;
      await page.screenshot({ path: join(screenshots, file), fullPage: true });
    }
  }
}

/** All pages at one width, as many at once as the machine has cores. */
async function checkPages(browser, site, pages, view) {
  const { width } = view;
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 740 : 800 },
  });
  const left = [...pages];
  const worker = async () => {
    const page = await context.newPage();
    const seen = checks.watch(page);
    for (let name = left.shift(); name; name = left.shift())
      await visit(page, seen, site, name, view).catch((error) =>
        report.note(`${name} · ${width} px`, [error.message]),
      );
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  await context.close();
}

const READER = {
  viewport: { width: 1280, height: 800 },
  colorScheme: "light",
  permissions: ["clipboard-read", "clipboard-write"],
};

async function checkFeature(context, page, [name, check]) {
  context.setDefaultTimeout(10_000);
  const faults = await check(page).then(
    () => [],
    (error) => [error.message],
  );
  report.note(name, faults);
}

/** Each feature as a reader finds it who comes for the first time. */
async function checkFeatures(browser, site, book, pages) {
  for (const feature of features(site, book, pages)) {
    const context = await browser.newContext(READER);
    await checkFeature(context, await context.newPage(), feature);
    await context.close();
  }
  for (const [name, faults] of await doubts(browser, site, book, pages))
    report.note(name, faults);
}

/** Contexts of a browser share its clipboard: this has a browser to itself. */
async function checkCopies(site, pages) {
  const browser = await launch();
  const context = await browser.newContext(READER);
  const page = await context.newPage();
  for (const copy of copies(site, pages))
    await checkFeature(context, page, copy);
  await browser.close();
}

function printBytes(heaviest) {
  for (const [kind, { sum, name }] of Object.entries(heaviest))
    console.log(
      `heaviest ${kind} page: ${name}, ${Math.round(sum / 1000)} kB of ` +
        `JavaScript and CSS over the wire (budget ${checks.BUDGET[kind] / 1000} kB)`,
    );
}

async function main() {
  const { book, screenshots } = options();
  findBrowser();
  await access(join(book, "index.html")).catch(() => {
    throw new Error(`${book} holds no built book. Run scripts/build first.`);
  });
  if (screenshots) await mkdir(screenshots, { recursive: true });
  const pages = await chapters(book);
  const site = await Site.start(book);
  const browser = await launch();
  try {
    const heaviest = {};
    for (const view of VIEWS)
      await checkPages(browser, site, [...pages, "404.html"], {
        ...view,
        screenshots,
        heaviest,
      });
    await Promise.all([
      checkFeatures(browser, site, book, pages),
      checkCopies(site, pages),
    ]);
    printBytes(heaviest);
  } finally {
    await browser.close();
    await site.stop();
  }
  console.log(
    `${pages.length} pages: ${report.passed} passed, ${report.failed} failed`,
  );
  process.exitCode = report.failed > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
