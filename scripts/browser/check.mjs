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
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findBrowser, launch } from "./browser.mjs";
import { features } from "./feature-checks.mjs";
import * as checks from "./page-checks.mjs";
import { doubts } from "./self-test.mjs";
import { chapters, Site } from "./site.mjs";

const VIEWS = [1280, 360].flatMap((width) =>
  ["light", "dark"].map((theme) => ({ width, theme })),
);

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

/** One page in one view: its faults by check, and its bytes. */
async function visit(context, site, name, { width, theme }, screenshots) {
  const page = await context.newPage();
  const seen = checks.watch(page);
  await page.goto(site.url(name), { waitUntil: "load" });
  await checks.settle(page);
  if (screenshots) {
    const file = `${name.replaceAll("/", "-").replace(/\.html$/, "")}-${width}-${theme}.png`;
    await page.screenshot({ path: join(screenshots, file), fullPage: true });
  }
  const result = await checks.inspect(page, seen, site);
  await page.close();
  return result;
}

/** All pages in one view; gives the heaviest page of each kind. */
async function checkView(browser, site, pages, view, screenshots) {
  const heaviest = {};
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.width < 600 ? 740 : 800 },
    colorScheme: view.theme,
  });
  for (const name of pages) {
    const what = `${name} · ${view.width} px · ${view.theme}`;
    try {
      const { found, sum, kind } = await visit(
        context,
        site,
        name,
        view,
        screenshots,
      );
      for (const faults of Object.values(found)) report.note(what, faults);
      if (!(heaviest[kind]?.sum >= sum)) heaviest[kind] = { sum, name };
    } catch (error) {
      report.note(what, [error.message]);
    }
  }
  await context.close();
  return heaviest;
}

async function checkFeatures(browser, site, book, pages) {
  for (const [name, check] of features(site, book, pages)) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: "light",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(10_000);
    try {
      await check(await context.newPage());
      report.note(name, []);
    } catch (error) {
      report.note(name, [error.message]);
    } finally {
      await context.close();
    }
  }
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
    const views = VIEWS.map((view) =>
      checkView(browser, site, [...pages, "404.html"], view, screenshots),
    );
    const heaviest = await Promise.all(views);
    await checkFeatures(browser, site, book, pages);
    for (const [name, faults] of await doubts(browser, site, book, pages))
      report.note(name, faults);
    printBytes(heaviest[0]);
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
