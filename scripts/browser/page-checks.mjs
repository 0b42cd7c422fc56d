// What must hold on every page, in each width and theme. Each check returns
// the faults it found, as sentences; none means that the page passes.
import axe from "axe-core";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Transferred JavaScript and CSS, in bytes. A diagram needs its library. */
export const BUDGET = { plain: 300_000, diagram: 700_000 };

/** All checks of a settled page: the faults of each, and the page's bytes. */
export async function inspect(page, seen, site) {
  const { sum, kind, faults } = await bytes(page, seen, site);
  const found = {
    "third parties": thirdParty(seen, site),
    bytes: faults,
    overflow: await overflow(page),
    diagrams: await diagrams(page),
    images: await images(page),
    accessibility: await accessibility(page),
    errors: seen.faults.splice(0),
  };
  return { found, sum, kind };
}

/** Notes what a page asks for and complains about, until told to forget. */
export function watch(page) {
  const seen = {
    faults: [],
    urls: [],
    forget() {
      this.faults = [];
      this.urls = [];
    },
  };
  page.on("console", (message) => {
    if (message.type() === "error")
      seen.faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => seen.faults.push(`script: ${error.message}`));
  page.on("request", (request) => seen.urls.push(request));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // Leaving a page ends the wait for its icon.
    const left = reason === "net::ERR_ABORTED" && /favicon/.test(request.url());
    if (!left) seen.faults.push(`request failed: ${request.url()} ${reason}`);
  });
  return seen;
}

/** Waits until fonts are there and each diagram is drawn (or has failed). */
export async function settle(page) {
  await page.evaluate(() => document.fonts.ready);
  await page
    .waitForFunction(
      () => !document.querySelector("pre.mermaid:not([hidden], [data-failed])"),
      undefined,
      { timeout: 10_000 },
    )
    .catch(() => {}); // `diagrams` reports it
  // What follows from the sizes of things is done when they are shown.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(done))),
  );
}

/** Turns the reader's system light or dark, and waits for the diagrams. */
export async function turn(page, colorScheme) {
  const drawn = await page
    .locator(".diagram")
    .evaluateAll((boxes) => boxes.map((box) => box.innerHTML));
  await page.emulateMedia({ colorScheme });
  await page
    .waitForFunction(
      (before) =>
        [...document.querySelectorAll(".diagram")].every(
          (box, at) => box.innerHTML !== before[at],
        ),
      drawn,
      { timeout: 10_000 },
    )
    .catch(() => {
      throw new Error("a diagram does not follow the theme");
    });
}

function thirdParty(seen, site) {
  return seen.urls
    .map((request) => request.url())
    .filter(
      (url) => /^(https?|wss?):/.test(url) && !url.startsWith(site.origin),
    )
    .map((url) => `third-party request: ${url}`);
}

async function bytes(page, seen, site) {
  const code = new Set(
    seen.urls
      .filter((request) =>
        ["script", "stylesheet"].includes(request.resourceType()),
      )
      .map((request) => request.url()),
  );
  let sum = 0;
  for (const url of code) sum += await site.transferred(url);
  const kind = (await page.locator("pre.mermaid").count())
    ? "diagram"
    : "plain";
  const faults =
    sum > BUDGET[kind]
      ? [`${sum} bytes of JavaScript and CSS, the budget is ${BUDGET[kind]}`]
      : [];
  return { sum, kind, faults };
}

/** Nothing reaches over the right edge, save inside a box made to scroll. */
function overflow(page) {
  return page.evaluate(() => {
    const boxes =
      "pre > code, pre.mermaid, .table-wrapper, .diagram, figure:has(> svg), #mdbook-sidebar, .visually-hidden";
    const content = document.getElementById("mdbook-content") ?? document.body;
    const faults = [];
    for (const box of [document.documentElement, content])
      if (box.scrollWidth > box.clientWidth)
        faults.push(
          `${box.id || box.localName} is ${box.scrollWidth} px wide in ${box.clientWidth} px`,
        );
    for (const element of content.querySelectorAll("*")) {
      const { right, width } = element.getBoundingClientRect();
      if (width === 0 || right <= innerWidth + 1) continue;
      if (element.parentElement.closest(boxes) || element.matches(boxes))
        continue;
      const text = element.textContent.trim().slice(0, 40);
      faults.push(
        `<${element.localName}> "${text}" ends at ${Math.round(right)} px`,
      );
      break;
    }
    return faults;
  });
}

/**
 * WCAG as axe knows it, each rule where it can find something new: all in
 * the light theme, and colours again in the dark one. Colours take most of the
 * time, and no width changes them.
 */
async function accessibility(page) {
  const { isWide, isDark, isReady } = await page.evaluate(() => ({
    isWide: innerWidth > 600,
    isDark: matchMedia("(prefers-color-scheme: dark)").matches,
    isReady: "axe" in globalThis,
  }));
  if (isDark && !isWide) return [];
  if (!isReady) await page.evaluate(axe.source);
  const runOnly = isDark
    ? { type: "rule", values: ["color-contrast"] }
    : { type: "tag", values: WCAG };
  const rules = { "color-contrast": { enabled: isWide } };
  const options = { runOnly, rules, resultTypes: ["violations"] };
  const violations = await page.evaluate(async (options) => {
    const result = await globalThis.axe.run(document, options);
    return result.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(({ target, any }) => ({
        target: target.join(" "),
        why: any[0]?.message ?? "",
      })),
    }));
  }, options);
  return violations.map(
    ({ id, help, nodes }) =>
      `axe ${id}: ${help} (${nodes.length}×; ${nodes[0].target}: ${nodes[0].why})`,
  );
}

/** Each diagram is an SVG that says in words what it shows. */
function diagrams(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("pre.mermaid")].flatMap((pre, at) => {
      const name = `diagram ${at + 1}`;
      const svg = pre.hidden
        ? pre.nextElementSibling.querySelector("svg")
        : null;
      if (!svg)
        return [`${name} is not drawn: ${pre.textContent.slice(0, 40)}`];
      const said = (tag) =>
        svg.querySelector(`:scope > ${tag}`)?.textContent.trim();
      const faults = [];
      if (!said("title")) faults.push(`${name} has no accTitle`);
      if (!said("desc")) faults.push(`${name} has no accDescr`);
      return faults;
    }),
  );
}

function images(page) {
  return page.evaluate(() =>
    [...document.images]
      .filter((image) => image.complete && image.naturalWidth === 0)
      .map((image) => `image does not load: ${image.src}`),
  );
}
