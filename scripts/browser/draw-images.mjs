#!/usr/bin/env node
// Draws the pictures that must be PNG from their sources in theme/:
// og-image.html → src/en/assets/og.png, favicon.svg → theme/favicon.png.
//
//   node scripts/browser/draw-images.mjs
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const root = join(import.meta.dirname, "../..");
const PICTURES = [
  {
    from: "theme/og-image.html",
    to: "src/en/assets/og.png",
    width: 1200,
    height: 630,
  },
  { from: "theme/favicon.svg", to: "theme/favicon.png", width: 64, height: 64 },
];

const browser = await launch();
try {
  for (const { from, to, width, height } of PICTURES) {
    const page = await browser.newPage({ viewport: { width, height } });
    await page.goto(pathToFileURL(join(root, from)).href);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(root, to), omitBackground: true });
    await page.close();
    console.log(`${to}: ${width} × ${height}`);
  }
} finally {
  await browser.close();
}
