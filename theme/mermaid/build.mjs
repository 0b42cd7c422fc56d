// Bundles mermaid with only the kinds of diagram that the book uses, into one
// file that also works from file://. The stock script holds thirty kinds, KaTeX
// and two more layout engines, and is more than twice the size.
//
//   npm ci && npm run build
//
// A kind that is left out fails to draw, with its name in the console, and the
// browser tests fail. Add it to KINDS then.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const KINDS = ["flow", "sequence", "state", "class", "er"];
const WANTED = new RegExp(`/(?:(?:${KINDS.join("|")})Diagram|dagre|chunk)-`);

const { version } = JSON.parse(
  await readFile("node_modules/mermaid/package.json", "utf8"),
);
const assets = new URL("../../src/en/assets/", import.meta.url);
for (const name of await readdir(assets))
  if (name.startsWith("mermaid-")) await rm(new URL(name, assets));

const leaveOut = {
  name: "leave-out",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" && !WANTED.test(path)
        ? { path, namespace: "left-out" }
        : undefined,
    );
    onLoad({ filter: /./, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error("theme/mermaid/build.mjs leaves out ${path}")`,
    }));
  },
};

const { metafile } = await build({
  metafile: true,
  stdin: {
    contents: 'import mermaid from "mermaid"; globalThis.mermaid = mermaid;',
    resolveDir: ".",
  },
  outfile: new URL(`mermaid-${version}.min.js`, assets).pathname,
  banner: {
    js: `/*! mermaid ${version}, MIT, https://github.com/mermaid-js/mermaid; the licences of its parts are beside it. Made by theme/mermaid/build.mjs. */`,
  },
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  plugins: [leaveOut],
});

// Whoever passes the bundle on passes its licences on.
const parts = new Set(
  Object.keys(metafile.inputs).flatMap(
    (input) => input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [],
  ),
);
const licences = [];
for (const part of [...parts].sort()) {
  const { name, version, license } = JSON.parse(
    await readFile(`${part}/package.json`, "utf8"),
  );
  const file = (await readdir(part)).find((entry) =>
    /^licen[cs]e/i.test(entry),
  );
  const text = file ? await readFile(`${part}/${file}`, "utf8") : "";
  licences.push(
    `${name} ${version}${license ? ` (${license})` : ""}\n\n${text.trim()}\n`,
  );
}
await writeFile(
  new URL(`mermaid-${version}.licences.txt`, assets),
  licences.join(`\n${"-".repeat(72)}\n\n`),
);
console.log(`mermaid ${version}: set SCRIPT in theme/diagrams.js`);
