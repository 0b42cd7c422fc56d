// The built book as a web site: its pages, and a server that behaves like
// GitHub Pages (a sub-folder, gzip, ten minutes in the cache, 404.html).
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};
const COMPRESSED = new Set([".css", ".html", ".js", ".json", ".svg", ".txt"]);

/** Pages without a chapter of their own, checked once and lightly. */
export const SPECIAL = ["404.html", "print.html", "toc.html"];

/** Every chapter page of a built book, redirects left out, sorted. */
export async function chapters(book) {
  const names = (await readdir(book, { recursive: true }))
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name.endsWith(".html") && !SPECIAL.includes(name))
    .sort();
  const pages = [];
  for (const name of names) {
    const text = await readFile(join(book, name), "utf8");
    if (!text.includes('http-equiv="refresh"')) pages.push(name);
  }
  return pages;
}

/** Serves a built book on a free port. */
export class Site {
  #book;
  #cache = new Map();
  #server;

  static async start(book) {
    const site = new Site();
    site.#book = book;
    // mdBook writes the address it is built for into the 404 page only.
    const lost = await readFile(join(book, "404.html"), "utf8");
    site.base = lost.match(/<base href="([^"]+)"/)?.[1] ?? "/";
    site.#server = createServer((request, response) => {
      site.#answer(request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
    await new Promise((ready) => site.#server.listen(0, "127.0.0.1", ready));
    site.origin = `http://127.0.0.1:${site.#server.address().port}`;
    return site;
  }

  url(page) {
    return this.origin + this.base + page;
  }

  /** The address of the script in assets/ whose name starts like this. */
  async asset(start) {
    const names = await readdir(join(this.#book, "assets"));
    const name = names.find((n) => n.startsWith(start) && n.endsWith(".js"));
    return this.url(`assets/${name}`);
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(done));
  }

  /** Bytes over the wire for one of the site's own addresses. */
  async transferred(url) {
    const { pathname } = new URL(url);
    return (await this.#file(pathname))?.body.length ?? 0;
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    const file = await this.#file(pathname);
    const { headers, body } =
      file ?? (await this.#file(`${this.base}404.html`));
    response.writeHead(file ? 200 : 404, headers).end(body);
  }

  async #file(pathname) {
    if (!pathname.startsWith(this.base)) return undefined;
    let name = decodeURIComponent(pathname.slice(this.base.length));
    if (name === "" || name.endsWith("/")) name += "index.html";
    name = normalize(name);
    if (name.startsWith("..")) return undefined;
    if (!this.#cache.has(name)) this.#cache.set(name, await this.#read(name));
    return this.#cache.get(name);
  }

  async #read(name) {
    const plain = await readFile(join(this.#book, name)).catch((error) => {
      if (["ENOENT", "EISDIR"].includes(error.code)) return undefined;
      throw error;
    });
    if (!plain) return undefined;
    const extension = extname(name);
    const headers = {
      "cache-control": "max-age=600",
      "content-type": TYPES[extension] ?? "application/octet-stream",
    };
    if (!COMPRESSED.has(extension)) return { headers, body: plain };
    headers["content-encoding"] = "gzip";
    return { headers, body: gzipSync(plain) };
  }
}
