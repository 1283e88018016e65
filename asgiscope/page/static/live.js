// The list of conversations, as they happen.

import { duration, element } from "./timeline.js";

const root = document.body.dataset.root;
const table = document.querySelector("#rows tbody");
const status = document.querySelector("#status");
const pause = document.querySelector("#pause");
const MOST = 300; // rows that stay in the document, and that are kept while the list stands still
const AGAIN = 2000; // milliseconds until a server that does not answer is asked again
const SAYING = 1000; // milliseconds between two times that the numbers are said, as they may be read aloud
const SVG = "http://www.w3.org/2000/svg";

const rows = new Map(); // what is known of each conversation, by its id, newest last
const lines = new Map(); // its row in the table, if it has one
let held = null; // what came while the list stands still
let begun = null; // how many had begun when the server last said something
let since = null; // when the server began to count them
let dropped = 0;

const filters = Object.fromEntries(
  [...document.querySelectorAll("#filters [name]")].map((input) => [input.name, input]),
);

function passes(row) {
  const path = filters.path.value.trim();
  if (path && !`${row.method} ${row.path}`.toLowerCase().includes(path.toLowerCase())) return false;
  if (filters.type.value && row.type !== filters.type.value) return false;
  const status = filters.status.value.trim().toLowerCase().replace(/x+$/, "");
  if (status && !String(row.status ?? "").startsWith(status)) return false;
  const only = filters.only.value;
  if (only === "broken") return row.musts + row.shoulds > 0;
  if (only === "open") return row.how === "open";
  if (only === "failed") return row.how === "raise" || row.status >= 500;
  if (only === "slow") return (row.took ?? 0) > 1e8;
  if (only === "stalled") return row.stalls.length > 0;
  return true;
}

function miniature(row) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 192 18");
  svg.setAttribute("class", "mini");
  svg.setAttribute("aria-hidden", "true");
  const last = Math.max(row.took ?? 0, row.marks.at(-1)?.[0] ?? 0, 1);
  const line = (name, ...[x1, y1, x2, y2]) => {
    const made = document.createElementNS(SVG, "line");
    made.setAttribute("class", name);
    Object.entries({ x1, y1, x2, y2 }).forEach(([key, value]) => made.setAttribute(key, String(value)));
    svg.append(made);
  };
  line("axis", 1, 9, 191, 9);
  const x = (at) => 2 + (188 * at) / last;
  for (const [at, length] of row.stalls) line("stall", x(at), 9, x(at + length), 9);
  // What the application receives stands above the line, and what it sends below.
  for (const [at, receives] of row.marks) line(receives ? "receive" : "send", x(at), receives ? 2 : 9, x(at), receives ? 9 : 16);
  return svg;
}

function line(row) {
  const name = `${row.method || row.type} ${row.path}${row.query ? `?${row.query}` : ""}`;
  const link = element("a", { href: `${root}/conversations/${row.id}`, class: "code", title: name }, name);
  return element("tr", { "data-id": row.id }, element("td", {}, link), ...cells(row));
}

// What may change in a row: all but the name, on which the focus may be.
function cells(row) {
  const ends = { open: "open", raise: "raised", cancel: "cancelled" };
  const result = [row.status, ends[row.how]].filter(Boolean).join(" ");
  const marks = [
    ...(row.musts ? [element("span", { class: "mark must" }, `${row.musts} must`)] : []),
    ...(row.shoulds ? [element("span", { class: "mark should" }, `${row.shoulds} should`)] : []),
    ...(row.stalls.length ? [element("span", { class: "mark must" }, "stall")] : []),
  ];
  return [
    element("td", { class: row.how === "open" ? "open" : "" }, result || "–"),
    element("td", { class: "number" }, duration(row.took)),
    element("td", { class: "number wide" }, String(row.events)),
    element("td", { class: "wide" }, miniature(row)),
    element("td", {}, ...marks.flatMap((mark) => [mark, " "])),
  ];
}

function show(changed) {
  for (const row of changed) {
    rows.set(row.id, row);
    const old = lines.get(row.id);
    if (!passes(row)) {
      old?.remove();
      lines.delete(row.id);
    } else if (old) {
      while (old.lastElementChild !== old.firstElementChild) old.lastElementChild.remove();
      old.append(...cells(row));
    } else put(row);
  }
  for (const id of rows.keys()) {
    if (rows.size <= MOST) break;
    rows.delete(id);
    lines.get(id)?.remove();
    lines.delete(id);
  }
}

// The newest stand above; most rows that come are newer than all others.
function put(row) {
  const made = line(row);
  let below = table.firstElementChild;
  while (below && Number(below.dataset.id) > row.id) below = below.nextElementSibling;
  table.insertBefore(made, below);
  lines.set(row.id, made);
}

function again() {
  table.replaceChildren();
  lines.clear();
  show([...rows.values()]);
}

let saying = null;
function say(text) {
  saying ??= setTimeout(() => {
    saying = null;
    status.textContent = text();
  }, status.textContent ? SAYING : 0);
}

function numbers() {
  const parts = [`${begun} conversations`];
  if (dropped) parts.push(`${dropped} too many to show`);
  if (held) parts.push(`${held.size} waiting`);
  return parts.join(", ");
}

function hear(message) {
  // The server has been started again, and counts from the beginning.
  if (since !== message.since) {
    rows.clear();
    held?.clear();
    dropped = 0;
    again();
  }
  ({ begun, since } = message);
  dropped += message.dropped;
  if (!held) show(message.rows);
  else {
    for (const row of message.rows) held.set(row.id, row);
    for (const id of held.keys()) {
      if (held.size <= MOST) break;
      held.delete(id);
      dropped += 1;
    }
  }
  say(numbers);
}

// A browser has six connections for all pages of a server, so that nobody listens who does not look.
let events = null;
function listen() {
  events?.close();
  events = null;
  if (document.hidden) return;
  const source = new EventSource(`${root}/live${begun === null ? "" : `?after=${begun}`}`);
  events = source;
  source.addEventListener("rows", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    source.close();
    if (source !== events) return;
    say(() => "The server does not answer; it is asked again.");
    setTimeout(() => source === events && listen(), AGAIN);
  });
}
document.addEventListener("visibilitychange", listen);
listen();

pause.addEventListener("click", () => {
  const waiting = held;
  held = waiting ? null : new Map();
  if (waiting) show([...waiting.values()]);
  pause.textContent = held ? "Go on" : "Pause";
  pause.setAttribute("aria-pressed", String(Boolean(held)));
  status.textContent = numbers();
});
for (const input of Object.values(filters)) input.addEventListener("input", again);
document.querySelector("#filters").addEventListener("submit", (event) => event.preventDefault());
