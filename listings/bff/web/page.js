// Asks as each of the three clients would, and shows what came back.

const CLIENTS = [
  { name: "Web", asks: "GET /web/home", method: "GET", path: "/web/home" },
  {
    name: "Mobile",
    asks: "GET /mobile/home",
    method: "GET",
    path: "/mobile/home",
  },
  {
    name: "Desktop",
    asks: "POST /desktop/bulk, with 41 operations",
    method: "POST",
    path: "/desktop/bulk",
    body: (subject) => ({
      operations: [
        { get: "me" },
        ...numbers(20).map((n) => ({ get: "order", id: `o-${subject}-${n}` })),
        ...numbers(20).map((n) => ({ get: "product", id: `p-${n}` })),
      ],
    }),
  },
];

const numbers = (count) => Array.from({ length: count }, (_, at) => at + 1);
const element = (id) => document.getElementById(id);

/** `user;dur=5.2;desc="0.3", …`: the calls, and the trace. */
function serverTiming(header) {
  const metrics = (header ?? "").split(", ").map((metric) => {
    const [name, ...parameters] = metric.split(";");
    const of = Object.fromEntries(parameters.map((p) => p.split("=")));
    return { name, dur: Number(of.dur), desc: of.desc?.replaceAll('"', "") };
  });
  return {
    calls: metrics.filter(({ name }) => !["trace", ""].includes(name)),
    trace: metrics.find(({ name }) => name === "trace")?.desc ?? "–",
  };
}

async function ask({ method, path, body }, subject) {
  const begun = performance.now();
  const response = await fetch(path, {
    method,
    // Our own cache would hide how large the answer is.
    cache: "no-store",
    headers: { "X-CSRF": "1", "Content-Type": "application/json" },
    body: body && JSON.stringify(body(subject)),
  });
  const text = await response.text();
  return {
    status: response.status,
    bytes: new TextEncoder().encode(text).length,
    took: performance.now() - begun,
    timing: serverTiming(response.headers.get("server-timing")),
    answer: JSON.parse(text),
  };
}

function show(section, { status, bytes, took, timing, answer }) {
  const set = (what, text) => {
    section.querySelector(`[data-is=${what}]`).textContent = text;
  };
  set("status", status);
  set("bytes", bytes.toLocaleString("en"));
  set("took", took.toFixed(1));
  set("degraded", answer.degraded?.join(", ") || "nothing");
  set("trace", timing.trace);
  set("answer", JSON.stringify(answer, null, 2));
  section.querySelector("tbody").replaceChildren(...rows(timing.calls));
}

function rows(calls) {
  if (calls.length === 0) return [note("None: it was made a moment ago.")];
  const end = Math.max(...calls.map(({ desc, dur }) => Number(desc) + dur));
  return calls.map(({ name, dur, desc }) => {
    const row = document.createElement("tr");
    const bar = document.createElement("span");
    bar.className = "bar";
    bar.style.marginInlineStart = `${(100 * Number(desc)) / end}%`;
    bar.style.inlineSize = `${(100 * dur) / end}%`;
    for (const content of [name, desc, dur.toFixed(1), bar]) {
      const cell = document.createElement("td");
      cell.append(content);
      row.append(cell);
    }
    return row;
  });
}

function note(text) {
  const row = document.createElement("tr");
  const cell = document.createElement("td");
  cell.colSpan = 4;
  cell.append(text);
  row.append(cell);
  return row;
}

async function askAll(subject) {
  for (const client of CLIENTS)
    show(client.section, await ask(client, subject));
  document.body.dataset.ready = subject;
}

async function logout() {
  await fetch("/auth/logout", { method: "POST", headers: { "X-CSRF": "1" } });
  location.reload();
}

async function main() {
  for (const client of CLIENTS) {
    const section = element("client").content.cloneNode(true).firstElementChild;
    section.querySelector("h2").textContent = client.name;
    section.querySelector(".asks").textContent = client.asks;
    client.section = section;
    element("clients").append(section);
  }
  const answer = await fetch("/auth/session");
  if (!answer.ok) {
    element("person").textContent = "Nobody is signed in.";
    document.body.dataset.ready = "";
    return;
  }
  const { subject } = await answer.json();
  element("person").textContent = `Signed in as ${subject}.`;
  for (const id of ["ada", "grace"]) element(id).hidden = true;
  for (const id of ["ask", "logout"]) element(id).hidden = false;
  element("ask").addEventListener("click", () => askAll(subject));
  element("logout").addEventListener("click", logout);
  await askAll(subject);
}

await main();
