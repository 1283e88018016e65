// The table with its filter, and the panel that a cell opens. Both stand in the address.

const index = JSON.parse(document.querySelector("#index").textContent);
const table = document.querySelector("#table");
const form = document.querySelector("#filter");
const input = form.elements.q;
const split = document.querySelector("#split");
const count = document.querySelector("#count");
const panel = document.querySelector("#panel");
const rows = new Map([...table.querySelectorAll("tr.case")].map((row) => [row.id, row]));
const targets = [...new Set(index.results.map((one) => one.target))];
const cases = new Map();
for (const [number, one] of index.results.entries()) {
  if (!cases.has(one.case)) {
    const id = one.case.slice(0, one.case.lastIndexOf("/"));
    const clause = index.clauses[id];
    const says = index.says[one.case];
    const text = `${one.case} ${says} ${clause?.says ?? ""}`.toLowerCase();
    cases.set(one.case, { id: one.case, clause, says, text, path: one.case.replaceAll(".", "/").toLowerCase(), held: [] });
  }
  const found = cases.get(one.case);
  found.held.push({ ...one, number });
  found.text += ` ${one.why} ${one.known?.reason ?? ""}`.toLowerCase();
}
let opened = null; // the button whose evidence is shown

function filter() {
  const { about, trouble } = matcher(input.value, targets);
  let shown = 0;
  for (const one of cases.values()) {
    const passes = !trouble && about(one);
    rows.get(one.id).hidden = !passes;
    shown += passes;
  }
  for (const body of table.tBodies) body.hidden = !body.querySelector("tr.case:not([hidden])");
  count.textContent = trouble || (shown === cases.size ? `${cases.size} cases` : `${shown} of ${cases.size} cases`);
  split.setAttribute("aria-pressed", String(/(^|\s)servers:differ(\s|$)/.test(input.value)));
  rove(opened?.offsetParent ? opened : cells()[0]?.[0]);
}

// One cell at a time can be reached with Tab; arrows go to the others.
function rove(button) {
  table.querySelector('button[tabindex="0"]')?.setAttribute("tabindex", "-1");
  button?.setAttribute("tabindex", "0");
}

function cells() {
  const visible = [...table.querySelectorAll("tbody:not([hidden]) tr.case:not([hidden])")];
  return visible.map((row) => [...row.querySelectorAll("button")]).filter((buttons) => buttons.length);
}

function move(button, key) {
  const row = button.closest("tr");
  const inRow = [...row.querySelectorAll("button")];
  if (key === "ArrowLeft" || key === "ArrowRight") {
    return inRow[inRow.indexOf(button) + (key === "ArrowLeft" ? -1 : 1)];
  }
  const column = button.closest("td").cellIndex;
  const step = key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
  let other = row;
  for (;;) {
    other = other[step] ?? nextBody(other.parentElement, step)?.[step === "nextElementSibling" ? "firstElementChild" : "lastElementChild"];
    if (!other) return undefined;
    if (!other.hidden && other.classList.contains("case")) {
      const found = other.cells[column].querySelector("button");
      if (found) return found;
    }
  }
}

function nextBody(body, step) {
  let other = body[step];
  while (other && (other.hidden || other.tagName !== "TBODY")) other = other[step];
  return other;
}

// The address: #q=FILTER&open=CASE@TARGET@VERSION, or only a case, as links without scripts have it.
function write() {
  const parts = [];
  if (input.value.trim()) parts.push(`q=${encode(input.value.trim())}`);
  if (opened?.dataset.n) {
    const { case: id, target, version } = index.results[opened.dataset.n];
    parts.push(`open=${encode(`${id}@${target}@${version}`)}`);
  } else if (opened) {
    const { clause, target, version } = index.wrong[opened.dataset.wrong];
    parts.push(`wrong=${encode(`${clause}@${target}@${version}`)}`);
  }
  history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname + location.search);
}

function encode(text) {
  return encodeURIComponent(text).replace(/%(3A|2F|40|2C)/g, decodeURIComponent).replaceAll("%20", "+");
}

function go() {
  const hash = location.hash.slice(1);
  if (!/^(q|open|wrong)=/.test(hash)) {
    if (rows.has(decodeURIComponent(hash))) {
      input.value = "";
      filter();
      const row = rows.get(decodeURIComponent(hash));
      row.querySelector("details").open = true;
      row.scrollIntoView({ block: "center" });
    }
    return;
  }
  const asked = new URLSearchParams(hash);
  input.value = asked.get("q") ?? "";
  filter();
  const [id, target, version] = (asked.get("open") ?? asked.get("wrong") ?? "").split("@");
  const list = asked.has("open") ? index.results : index.wrong;
  const number = list.findIndex((one) => (one.case ?? one.clause) === id && one.target === target && one.version === Number(version));
  if (number < 0) document.querySelector("#matrix").scrollIntoView();
  else show(number, asked.has("wrong"));
}

function buttonOf(number, wrong) {
  const name = wrong ? "wrong" : "n";
  const exact = document.querySelector(`button[data-${name}="${number}"]`);
  if (exact) return exact;
  // Versions of HTTP with the same verdict share the button of the first.
  const list = wrong ? index.wrong : index.results;
  const { case: id, clause, target } = list[number];
  const first = list.findIndex((one) => (id ? one.case === id : one.clause === clause) && one.target === target);
  return document.querySelector(`button[data-${name}="${first}"]`);
}

function show(number, wrong = false) {
  opened?.classList.remove("opened");
  opened = buttonOf(number, wrong);
  opened.classList.add("opened");
  if (!wrong) rove(opened);
  fill(number, wrong);
  panel.hidden = false;
  document.body.classList.add("split");
  opened.scrollIntoView({ block: "nearest", inline: "nearest" });
  write();
}

function hide() {
  const button = opened;
  opened?.classList.remove("opened");
  opened = null;
  panel.hidden = true;
  document.body.classList.remove("split");
  button?.focus();
  write();
}

async function fill(number, wrong) {
  const one = (wrong ? index.wrong : index.results)[number];
  const id = wrong ? one.clause : one.case;
  const clause = index.clauses[wrong ? id : id.slice(0, id.lastIndexOf("/"))];
  const list = wrong ? index.wrong : index.results;
  const others = [...list.entries()].filter(([, other]) => (other.case ?? other.clause) === id && other.target === one.target);
  const versions = others.map(([n, other]) =>
    element("button", { type: "button", "aria-pressed": String(n === number), onclick: () => show(n, wrong) }, `HTTP/${other.version === 1 ? "1.1" : other.version}`),
  );
  const verdict = wrong
    ? [one.skipped ?? `${one.server}; the client gets: ${one.client}${one.survives ? "" : "; it does not answer afterwards"}`]
    : [
        element("span", { class: `verdict ${style(one.verdict)}` }, `${index.signs[one.verdict]} ${one.verdict}`),
        one.was ? ` (it was ${one.was})` : "",
        one.why ? `: ${one.why}` : "",
      ];
  const where = one.target === "url" ? "--url URL" : `--server ${one.target}`;
  const replay = wrong || one.sensitive ? null : element("code", {}, `python -m lab ${where} --replay ${id}`);
  panel.replaceChildren(
    element(
      "header",
      {},
      element("h2", {}, `${one.target}`),
      element("span", { class: "versions" }, ...versions),
      element("button", { type: "button", class: "close", "aria-label": "close the evidence", onclick: hide }, "×"),
      element("code", { class: "faint id" }, id),
    ),
    element("p", { class: "conclusion" }, ...verdict),
    clause
      ? element(
          "p",
          { class: "faint" },
          element("span", { class: `mark ${clause.level}` }, clause.level),
          ` ${clause.says} (`,
          element("a", { href: clause.url, rel: "noreferrer" }, clause.section),
          ")",
        )
      : "",
    wrong || index.says[id] === clause?.says ? "" : element("p", { class: "faint" }, `The case: ${index.says[id]}`),
    one.known ? element("p", {}, `It is known: ${one.known.reason} ${one.known.confirmed ?? ""} `, one.known.link ? element("a", { href: one.known.link, rel: "noreferrer" }, "reported") : "") : "",
    one.quarantined ? element("p", {}, `It does not always show the same: ${one.quarantined}`) : "",
    replay ? element("p", { class: "faint" }, "To see it again: ", replay) : "",
  );
  const asked = panel.firstElementChild;
  const all = await evidence().catch((error) => error);
  if (panel.firstElementChild !== asked) return; // another cell was opened meanwhile
  if (all instanceof Error) {
    panel.append(element("p", {}, `This browser cannot unpack the evidence: ${all.message}`));
    return;
  }
  const seen = all[wrong ? index.results.length + number : number];
  if (seen) panel.append(element("div", { class: "seen" }, wire(seen), read(seen), told(seen)));
  else if (!one.sensitive && !one.skipped) panel.append(element("p", { class: "faint" }, "What was seen is not kept with these results."));
}

for (const button of document.querySelectorAll("td > button")) {
  if (button.closest("#table")) button.tabIndex = -1;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("td > button");
  if (!button) return;
  if (button === opened) hide();
  else show(Number(button.dataset.n ?? button.dataset.wrong), button.dataset.n === undefined);
});
table.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow") || event.target.tagName !== "BUTTON") return;
  event.preventDefault();
  const next = move(event.target, event.key);
  if (!next) return;
  rove(next);
  next.focus();
  if (opened) show(Number(next.dataset.n));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && opened) hide();
  else if (event.key === "/" && !event.target.closest("input")) {
    event.preventDefault();
    input.focus();
  }
});
input.addEventListener("input", () => (filter(), write()));
form.addEventListener("submit", (event) => event.preventDefault());
split.addEventListener("click", () => {
  const others = input.value.split(/\s+/).filter((word) => word && word !== "servers:differ");
  if (split.getAttribute("aria-pressed") === "false") others.push("servers:differ");
  input.value = others.join(" ");
  filter();
  write();
});
addEventListener("hashchange", go);
form.hidden = false;
document.querySelector("#help").hidden = false;
filter();
go();
