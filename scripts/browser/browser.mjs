// Finds and starts the browser.
import { accessSync, constants } from "node:fs";
import { chromium } from "playwright-core";

// For checks outside this folder, which see no packages.
export { default as axe } from "axe-core";

const CANDIDATES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--hide-scrollbars",
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a Chromium or Chrome; throws a sentence that says the cure. */
export function findBrowser() {
  const chosen = process.env.CHROMIUM;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM is ${chosen}, which is not a program.`);
  }
  const found = CANDIDATES.find(isExecutable);
  if (found) return found;
  throw new Error(
    "No Chromium or Chrome found. Install one (scripts/install browser) or " +
      "set CHROMIUM to its path.",
  );
}

/** A headless browser. Root, as in a container, has no sandbox to run in. */
export function launch() {
  const root = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: findBrowser(),
    args: root ? [...QUIET, "--no-sandbox"] : QUIET,
  });
}
