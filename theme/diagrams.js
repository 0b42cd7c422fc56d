// Draws the mermaid diagrams of a page, and draws them again when the theme
// changes. A page without a diagram loads nothing. Without JavaScript, or when
// a diagram is wrong, its source stays readable.
(() => {
  "use strict";

  // theme/mermaid/build.mjs makes this file.
  const SCRIPT = "assets/mermaid-12.3.0.min.js";

  // A diagram shrinks to this part of its size, then its box scrolls.
  const SMALLEST = 0.75;

  const html = document.documentElement;
  const sources = [...document.querySelectorAll("pre.mermaid")];
  if (sources.length === 0) return;

  /** The diagram's colours are the page's (palette.css). */
  function settings() {
    const style = getComputedStyle(html);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const box = {
      bkg: colour("raised"),
      border: colour("icons"),
      text: colour("fg"),
    };
    return {
      startOnLoad: false,
      suppressErrorRendering: true,
      layout: "dagre", // the default, ELK, is as large as all the rest
      look: "classic",
      theme: "base",
      sequence: {
        height: 44,
        width: 112,
        actorMargin: 30,
        diagramMarginX: 8, // three lifelines fit a phone
        mirrorActors: false,
      },
      flowchart: { padding: 12, nodeSpacing: 40, rankSpacing: 48 },
      themeVariables: {
        useGradient: false,
        dropShadow: "none",
        darkMode: colour("color-scheme") === "dark",
        fontFamily: colour("text-font"),
        fontSize: "15px",
        background: colour("bg"),
        primaryColor: box.bkg,
        primaryTextColor: box.text,
        primaryBorderColor: box.border,
        secondaryColor: colour("theme-hover"),
        tertiaryColor: colour("bg"),
        tertiaryBorderColor: colour("rule"),
        lineColor: colour("icons"),
        textColor: box.text,
        edgeLabelBackground: colour("bg"),
        clusterBkg: colour("bg"),
        clusterBorder: colour("theme-popup-border"),
        noteBkgColor: colour("theme-hover"),
        noteBorderColor: colour("rule"),
        noteTextColor: box.text,
        actorBkg: box.bkg,
        actorBorder: box.border,
        activationBkgColor: colour("theme-hover"),
        signalColor: box.text,
        signalTextColor: box.text,
      },
    };
  }

  const diagrams = sources.map((pre, at) => {
    const box = document.createElement("div");
    box.className = "diagram";
    box.hidden = true;
    pre.after(box);
    return { pre, box, id: `diagram-${at + 1}`, source: pre.textContent };
  });

  async function draw() {
    await document.fonts.ready; // labels are measured
    mermaid.initialize(settings());
    for (const { pre, box, id, source } of diagrams) {
      try {
        const { svg } = await mermaid.render(id, source);
        box.innerHTML = svg;
        const picture = box.firstElementChild;
        picture.style.minWidth = `${SMALLEST * picture.viewBox.baseVal.width}px`;
        box.hidden = false;
        pre.hidden = true;
      } catch (error) {
        pre.dataset.failed = "";
        console.error(`${id} cannot be drawn: ${error.message}`);
      }
    }
  }

  const script = document.createElement("script");
  script.src = path_to_root + SCRIPT;
  script.onload = () => {
    let drawn = draw();
    let theme = html.className;
    new MutationObserver(() => {
      if (html.className === theme) return;
      theme = html.className;
      drawn = drawn.then(draw);
    }).observe(html, { attributeFilter: ["class"] });
  };
  document.head.append(script);
})();
