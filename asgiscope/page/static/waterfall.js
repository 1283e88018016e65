// Many requests at once: those that the site makes to itself in two ways, and pictures that this browser asks for.

import { drawing, seconds } from "./lanes.js";
import { element } from "./timeline.js";

const root = document.body.dataset.root;
const given = JSON.parse(document.querySelector("#waterfalls").textContent);

const legend = () =>
  element(
    "p",
    { class: "legend", "aria-hidden": "true" },
    ...[
      ["queue", "waits for its turn"],
      ["bar", "takes its second, and holds no thread"],
      ["bar held", "holds its thread"],
      ["loop", "the event loop is held"],
    ].map(([name, words]) => element("span", {}, element("i", { class: name }), words)),
  );

// One side: a choice, a button, and what came of it.
function side(title, path, drawAll) {
  const select = element("select", { "aria-label": `way, ${title}` });
  const button = element("button", { type: "button", disabled: "" }, "Run");
  const status = element("p", { class: "faint", role: "status" });
  const about = element("p", { class: "faint about" });
  const place = element("div", {});
  const made = { fallen: null, place, status };
  fetch(path)
    .then((response) => response.json())
    .then((ways) => {
      select.append(...Object.keys(ways).map((way) => element("option", {}, way)));
      const say = () => (about.textContent = ways[select.value]);
      select.addEventListener("change", say);
      say();
      button.disabled = false;
    })
    .catch(() => (status.textContent = "The ways cannot be asked for."));
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "Twenty requests are on their way.";
    try {
      const response = await fetch(`${path}/waterfall.json?${new URLSearchParams({ way: select.value })}`);
      if (!response.ok) throw new Error(await response.text());
      made.fallen = await response.json();
      const late = made.fallen.latest ? `was up to ${seconds(made.fallen.latest)} late` : "was on time";
      status.textContent = `The last one was answered after ${seconds(made.fallen.total)}, and the event loop ${late}.`;
      drawAll();
    } catch (error) {
      status.textContent = error.message;
    }
    button.disabled = false;
  });
  made.node = element(
    "section",
    {},
    element("h3", {}, title),
    element("div", { class: "bar" }, select, button),
    about,
    place,
    status,
  );
  return made;
}

const ways = document.querySelector("[data-ways]");
if (ways) {
  const sides = given.ways.map(([title, path]) => side(title, path, drawAll));
  function drawAll() {
    const fallen = sides.filter((one) => one.fallen);
    const total = Math.max(...fallen.map((one) => one.fallen.total));
    for (const one of fallen) {
      const lanes = one.fallen.requests.map((lane, n) => ({
        ...lane,
        says: `${n + 1}: ${lane.thread} in ${lane.process}, ${seconds(lane.began)} to ${seconds(lane.ended)}`,
      }));
      const label = `Twenty requests: the last answer after ${seconds(one.fallen.total)}`;
      const loops = one.fallen.stalls.map(({ due, late }) => [due, late]);
      one.place.replaceChildren(drawing({ lanes, stalls: loops, total, high: 13, label }));
    }
  }
  ways.replaceChildren(...sides.map((one) => one.node));
  ways.after(legend());
}

// The pictures: what was measured here, and what was brought along from another address of this page.
const tiles = document.querySelector("[data-tiles]");
if (tiles) pictures(tiles);

function pictures(place) {
  const button = element("button", { type: "button" }, `Ask for ${given.count} pictures`);
  const status = element("span", { class: "faint", role: "status" });
  const out = element("div", {});
  const pad = element("div", { class: "pictures", "aria-hidden": "true" });
  const runs = [brought()].filter(Boolean);

  const show = () => {
    const total = Math.max(...runs.map((run) => run.total));
    out.replaceChildren(
      ...runs.map((run) => {
        const words = `${run.lanes.length} pictures over ${run.protocol} in ${seconds(run.total)}`;
        return element(
          "section",
          {},
          element("h3", {}, words),
          drawing({ lanes: run.lanes, stalls: run.stalls, total, high: 3, label: words }),
        );
      }),
    );
  };
  const along = element("p", { class: "bar" });
  const carry = (run) => {
    const address = element("input", {
      class: "code",
      "aria-label": "another address of this site",
      value: location.protocol === "https:" ? "http://localhost:8000" : "https://localhost:8443",
    });
    const link = element("a", {}, "Take this run along, and repeat it there");
    const aim = () => {
      try {
        const base = new URL(address.value);
        link.href = /^https?:$/.test(base.protocol) ? `${base.origin}${location.pathname}#tiles=${packed(run)}` : "";
      } catch {
        link.removeAttribute("href");
      }
    };
    address.addEventListener("input", aim);
    aim();
    along.replaceChildren(element("span", {}, "The same over another version of HTTP:"), address, link);
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "They are on their way.";
    try {
      const run = await asked(pad);
      runs.splice(0, runs.length, ...runs.filter((one) => one.protocol !== run.protocol), run);
      status.textContent = "";
      show();
      carry(run);
    } catch (error) {
      status.textContent = error.message;
    }
    button.disabled = false;
  });
  place.replaceChildren(element("div", { class: "bar" }, button, status), pad, out, along);
  if (runs.length) show();
}

// Ask for all pictures at once. When each was asked for, sent and answered is in the browser's own timing
// (Resource Timing, 4.3), in milliseconds.
async function asked(pad) {
  const run = Date.now();
  performance.clearResourceTimings();
  performance.setResourceTimingBufferSize(2 * given.count + 100);
  const pictures = Array.from({ length: given.count }, (_, n) => {
    const picture = new Image();
    const answered = new Promise((resolve) => ["load", "error"].forEach((name) => picture.addEventListener(name, resolve)));
    picture.alt = "";
    picture.src = `${given.tiles}/${n}.svg?run=${run}`;
    return { picture, answered };
  });
  pad.replaceChildren(...pictures.map(({ picture }) => picture));
  await Promise.all(pictures.map(({ answered }) => answered));
  const entries = performance.getEntriesByType("resource").filter((one) => one.name.includes(`?run=${run}`));
  if (!entries.length) throw new Error("This browser has measured nothing.");
  const zero = Math.min(...entries.map((one) => one.startTime));
  const lanes = entries
    .sort((one, other) => one.requestStart - other.requestStart)
    .map((one) => ({
      start: (one.startTime - zero) / 1000,
      began: (one.requestStart - zero) / 1000,
      ended: (one.responseStart - zero) / 1000,
      end: (one.responseEnd - zero) / 1000,
      held: true,
    }));
  const began = (performance.timeOrigin + zero) / 1000;
  const total = Math.max(...lanes.map((lane) => lane.end));
  const response = await fetch(`${root}/stalls`);
  const stalls = (response.ok ? await response.json() : [])
    .map(([at, late]) => [at - began, late])
    .filter(([at, late]) => at + late > 0 && at < total);
  return { protocol: entries[0].nextHopProtocol || "HTTP", lanes, stalls, total };
}

// A run as it is carried from one address to another, behind the # of a link: whole tenths of milliseconds.
function packed({ protocol, lanes, stalls }) {
  const whole = (time) => Math.max(0, Math.round(time * 10000));
  const numbers = lanes.map(({ start, began, ended, end }) => [start, began, ended, end].map(whole).join("."));
  return [protocol, numbers.join("_"), stalls.map((pair) => pair.map(whole).join(".")).join("_")].map(encodeURIComponent).join("~");
}

function brought() {
  const found = /^#tiles=([^~]{1,20})~([\d._]{1,40000})~([\d._]{0,4000})$/.exec(location.hash);
  if (!found) return null;
  const rows = (text) => text.split("_").filter(Boolean).map((row) => row.split(".").map((one) => Number(one) / 10000));
  const lanes = rows(found[2])
    .slice(0, 1000)
    .filter((row) => row.length === 4 && row.every(Number.isFinite))
    .map(([start, began, ended, end]) => ({ start, began, ended, end, held: true }));
  if (!lanes.length) return null;
  const total = Math.max(0.001, ...lanes.map((lane) => lane.end));
  return { protocol: decodeURIComponent(found[1]), lanes, stalls: rows(found[3]).filter((row) => row.length === 2), total };
}
