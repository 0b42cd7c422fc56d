// What mdBook's page lacks: a sidebar that the keyboard reaches, a link past
// it, captions on listings, scroll boxes that take focus, a foot of the page.
// Everything here adds to a page that can be read without it.
(() => {
  "use strict";

  const html = document.documentElement;
  const main = document.querySelector("main");
  const sidebar = document.getElementById("mdbook-sidebar");
  const toggle = document.getElementById("mdbook-sidebar-toggle");

  /** Makes an element that only listens to the mouse a button. */
  function makeButton(element) {
    element.setAttribute("role", "button");
    element.tabIndex = 0;
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      element.click();
      element.dispatchEvent(new CustomEvent("keyclick"));
    });
  }

  /** The sidebar's switch is a <label>, its folds are links to nowhere. */
  function reachSidebar() {
    makeButton(toggle);
    toggle.addEventListener("keyclick", () => {
      if (!html.classList.contains("sidebar-visible")) return;
      (sidebar.querySelector("a.active") ?? sidebar.querySelector("a")).focus();
    });
    sidebar.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      toggle.click();
      toggle.focus();
    });
    // mdBook hides the closed sidebar when its transition ends, which never
    // comes if it was closed before the opening had begun.
    const open = document.getElementById("mdbook-sidebar-toggle-anchor");
    open.addEventListener("change", () => {
      setTimeout(() => {
        if (!open.checked) sidebar.style.display = "none";
      }, 400);
    });
    for (const fold of sidebar.querySelectorAll(".chapter-fold-toggle")) {
      const item = fold.closest("li");
      const chapter = item.querySelector("a").textContent.trim();
      const say = () =>
        fold.setAttribute("aria-expanded", item.classList.contains("expanded"));
      makeButton(fold);
      fold.setAttribute("aria-label", `Pages of ${chapter}`);
      fold.addEventListener("click", say);
      say();
    }
  }

  /** Light and dark only; palette.css redefines the theme called ayu. */
  function trimThemes() {
    for (const name of ["rust", "coal", "navy"])
      document.getElementById(`mdbook-theme-${name}`)?.parentElement.remove();
    const dark = document.getElementById("mdbook-theme-ayu");
    if (dark) dark.textContent = "Dark";
  }

  /** The link comes first in the Tab order. It moves the focus itself, since
      the 404 page's <base> would turn a fragment into another address. */
  function placeSkipLink() {
    const link = document.querySelector(".skip-link");
    main.tabIndex = -1;
    main.style.outline = "none";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      main.focus();
    });
    document.body.prepend(link);
  }

  function placePageEnd() {
    const end = document.getElementById("page-end").content;
    if (end.querySelector("a")) main.append(end);
  }

  /** A paragraph that is nothing but a bold file name, right above a listing,
      becomes the listing's caption. */
  function captionListings() {
    for (const code of main.querySelectorAll("p > strong:only-child code")) {
      const paragraph = code.closest("p");
      const listing = paragraph.nextElementSibling;
      const alone = code.textContent === paragraph.textContent.trim();
      if (!alone || listing?.tagName !== "PRE") continue;
      const figure = document.createElement("figure");
      const caption = document.createElement("figcaption");
      figure.className = "listing";
      caption.append(...paragraph.querySelector("strong").childNodes);
      // A name that is too long for one line breaks between two folders.
      const folders = code.textContent.split(/(?<=\/)/);
      code.replaceChildren(
        ...folders.flatMap((name) => [name, document.createElement("wbr")]),
      );
      paragraph.replaceWith(figure);
      figure.append(caption, listing);
    }
  }

  const KINDS = {
    SERVER: "server",
    CLIENT: "client",
    INTERNAL: "internal",
    PRODUCER: "message",
    CONSUMER: "message",
  };
  const WORDS = Object.keys(KINDS).join("|");
  const TREE = new RegExp(`^[ │]*[├└]─|  (?:${WORDS})(?:  |$)`, "m");
  const MARKS = new RegExp(
    `([│├└─·]+|█+|[▏▎▍▌▋▊▉▐▕]|\\b(?:${WORDS}|ERROR)\\b)`,
  );

  /** Colours the words of a trace tree; the text stays what it was. */
  function paintTraces() {
    for (const code of main.querySelectorAll("pre > code.language-text")) {
      if (!TREE.test(code.textContent)) continue;
      const lines = code.textContent.split("\n").map((line) => {
        const kind = /\bERROR\b/.test(line)
          ? "error"
          : (KINDS[line.match(/\b[A-Z]{6,8}\b/)?.[0]] ?? "internal");
        return line.split(MARKS).map((part, at) => {
          if (at % 2 === 0) return part;
          const span = document.createElement("span");
          const name = /[│├└─·]/.test(part)
            ? "guide"
            : part === "ERROR"
              ? "error"
              : (KINDS[part] ?? kind);
          span.className = `trace-${name}`;
          span.classList.toggle("trace-bar", part.startsWith("█"));
          span.textContent = part;
          return span;
        });
      });
      code.replaceChildren(
        ...lines.flatMap((line, at) => (at ? ["\n", ...line] : line)),
      );
    }
  }

  /** A copied command must not run before the reader presses Enter. */
  function dropLastNewline() {
    for (const code of main.querySelectorAll("pre > code")) {
      let last = code.lastChild;
      while (last?.lastChild) last = last.lastChild;
      if (last) last.data = last.data.replace(/\n$/, "");
    }
  }

  /** What scrolls must take the focus, or the keyboard cannot scroll it. */
  function focusScrollBoxes() {
    const boxes = main.querySelectorAll(
      "pre > code, .table-wrapper, .diagram, figure",
    );
    const update = () => {
      for (const box of boxes)
        if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
        else box.removeAttribute("tabindex");
    };
    const observer = new ResizeObserver(update);
    for (const box of boxes) observer.observe(box);
    document.fonts.ready.then(update);
  }

  /** mdBook shows "Copied!" beside the button; this says it too. */
  function announceCopies() {
    const status = document.createElement("div");
    status.setAttribute("role", "status");
    status.className = "visually-hidden";
    document.body.append(status);
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.(".clip-button");
      if (button)
        setTimeout(() => (status.textContent = button.textContent), 50);
    });
  }

  /** Paper is white. */
  function printLight() {
    let dark = false;
    addEventListener("beforeprint", () => {
      dark = html.classList.replace("ayu", "light");
    });
    addEventListener("afterprint", () => {
      if (dark) html.classList.replace("light", "ayu");
    });
  }

  reachSidebar();
  trimThemes();
  placeSkipLink();
  placePageEnd();
  captionListings();
  dropLastNewline();
  paintTraces();
  focusScrollBoxes();
  announceCopies();
  printLight();
})();
