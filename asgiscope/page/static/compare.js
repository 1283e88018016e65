// Two conversations side by side: two timelines that scroll as one, and what differs in the row that is chosen.

import { Timeline, duration, element } from "./timeline.js";

const compared = JSON.parse(document.querySelector("#compared").textContent);
const place = document.querySelector("#compare");
const LETTERS = ["A", "B"];

const timelines = compared.lanes.map((lane) => new Timeline(lane));
const all = timelines.map((timeline) => timeline.rows);
let own = all;
const details = element("section", { class: "details", "aria-live": "polite" });

// A line holds what happened in both before anything else did in either, so that time runs down in both alike.
function byTime() {
  const [left, right] = own;
  const lines = [];
  let [a, b] = [0, 0];
  while (a < left.length || b < right.length) {
    const at = left[a]?.at ?? Infinity;
    const other = right[b]?.at ?? Infinity;
    const both = at <= other ? (left[a + 1]?.at ?? Infinity) >= other : (right[b + 1]?.at ?? Infinity) >= at;
    if (both && a < left.length && b < right.length) lines.push([left[a++], right[b++]]);
    else if (at <= other) lines.push([left[a++], null]);
    else lines.push([null, right[b++]]);
  }
  return lines;
}

// A line holds two events that take each other's place, whenever that was.
function byEvent() {
  const [left, right] = own;
  const number = (rows) => new Map(rows.map((row, n) => [row.index, n]));
  const [here, there] = [number(left), number(right)];
  const pairs = compared.pairs.map(([one, other]) => [here.get(one), there.get(other)]);
  pairs.push([left.length - 1, right.length - 1]);
  pairs.sort(([one], [other]) => one - other);
  const lines = [];
  let [a, b] = [0, 0];
  for (const [one, other] of pairs) {
    if (one === undefined || other === undefined || one < a || other < b) continue;
    while (a < one) lines.push([left[a++], null]);
    while (b < other) lines.push([null, right[b++]]);
    lines.push([left[a++], right[b++]]);
  }
  return lines;
}

function align() {
  own = all.map((rows) => rows.filter((row) => row.kind !== "hop" || crossings.checked));
  const lines = how.value === "event" ? byEvent() : byTime();
  timelines.forEach((timeline, side) => {
    timeline.place(lines.map((line) => line[side]));
    timeline.select(null);
  });
}

function told(row, letter) {
  if (!row) return element("div", {}, element("p", { class: "faint" }, `${letter}: nothing in its place`));
  return element(
    "div",
    {},
    element("h2", { class: "code" }, element("span", { class: "letter" }, letter), ` ${row.type}`),
    element("p", { class: "faint" }, `after ${duration(row.at)}${row.line ? `, ${row.line.name}:${row.line.line}` : ""}`),
    element(
      "table",
      {},
      ...row.fields.map(([name, value]) => element("tr", {}, element("td", {}, name), element("td", {}, value))),
    ),
  );
}

function partner(side, row) {
  if (row.kind === "end") return own[1 - side].at(-1);
  const pair = compared.pairs.find((numbers) => numbers[side] === row.index);
  return pair && own[1 - side].find((other) => other.index === pair[1 - side]);
}

let isFollowing = false;
timelines.forEach((timeline, side) => {
  const other = timelines[1 - side];
  timeline.addEventListener("select", ({ detail }) => {
    if (isFollowing || !detail) return;
    const row = detail.kind === "gap" ? null : detail;
    // Where there is nothing in this line, it is about what the other one has there.
    const twin = row ? partner(side, row) : other.rows[timeline.selected];
    isFollowing = true;
    other.select(twin ? other.rows.indexOf(twin) : null);
    isFollowing = false;
    const both = side === 0 ? [row, twin] : [twin, row];
    const differs = row?.differs?.length ? row.differs : (twin?.differs ?? []);
    details.replaceChildren(
      ...(differs.length
        ? [element("ul", { class: "differences code" }, ...differs.map(([sign, text]) => element("li", {}, element("b", { class: "sign" }, sign === "-" ? "−" : sign), ` ${text}`)))]
        : [element("p", { class: "faint" }, row && twin ? "Both say the same here." : "There is nothing to compare it with.")]),
      element("div", { class: "both" }, ...both.map((row, n) => told(row, LETTERS[n]))),
    );
  });
  timeline.scroller.addEventListener("scroll", () => (other.scroller.scrollTop = timeline.scroller.scrollTop));
  timeline.scroller.setAttribute("aria-label", `Events of ${LETTERS[side]}`);
  timeline.node.prepend(element("p", { class: "which code" }, element("span", { class: "letter" }, LETTERS[side]), ` ${compared.names[side]}`));
});

const how = element(
  "select",
  { id: "align", onchange: align },
  element("option", { value: "time" }, "by time: what happened first stands higher"),
  element("option", { value: "event" }, "by event: what is the same stands beside it"),
);
const crossings = element("input", { type: "checkbox", id: "crossings", onchange: align });
const hops = all.flat().filter((row) => row.kind === "hop").length;
place.replaceChildren(
  element(
    "div",
    { class: "bar" },
    element("label", { for: "align" }, "Aligned"),
    how,
    ...(hops ? [element("span", {}, crossings, element("label", { for: "crossings" }, ` with ${hops} crossings between threads`))] : []),
  ),
  element("div", { class: "conversation even" }, ...timelines.map((timeline) => timeline.node), details),
);
align();
const first = timelines[0].rows.findIndex((row) => row.sign);
if (first >= 0) timelines[0].select(first);
