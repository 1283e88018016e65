// A view of one conversation: its timeline, the source that lights up with it, and what is known of the row that is
// chosen. It can be played, and it grows while the conversation goes on.

import { Source } from "./source.js";
import { Timeline, duration, element } from "./timeline.js";

const SLOWEST = 600; // milliseconds between two rows, while it plays
const FASTEST = 120;
const AGAIN = 400; // milliseconds between two looks at what goes on
const PART = 10; // times as long as a look takes are at least between two of them

export class View {
  // `keys` is where the keys of a player are heard.
  constructor(root, drawn, { keys } = {}) {
    this.root = root;
    this.drawn = drawn;
    this.number = 0; // of the lane that is shown
    this.timer = null;
    this.timeline = new Timeline(this.lane);
    this.source = new Source(root, drawn.id, drawn.sources);
    this.details = element("section", { class: "details", "aria-live": "polite" });
    this.node = element("div", { class: "view" });
    this.controls();
    this.node.append(
      this.bar,
      element("div", { class: "conversation" }, this.timeline.node, this.source.node, this.details),
    );
    this.listen(keys ?? this.node);
    this.at(Infinity);
    this.timeline.select(Math.max(0, this.lane.rows.findIndex((row) => row.kind === "send")));
  }

  get lane() {
    return this.drawn.lanes[this.number];
  }

  get took() {
    return Math.max(1, ...this.drawn.lanes.map((one) => one.took ?? one.rows.at(-1)?.at ?? 0));
  }

  controls() {
    this.play = element("button", { type: "button", onclick: () => this.toggle() }, "Play");
    this.slider = element("input", { type: "range", min: "0", max: "1000", value: "1000", "aria-label": "time" });
    this.clock = element("span", { class: "faint code clock" });
    this.chooser = element("select", { "aria-label": "lane" });
    const step = (by) => () => (this.stop(), this.step(by));
    this.bar = element(
      "div",
      { class: "bar" },
      this.play,
      element("button", { type: "button", "aria-label": "one event back", title: "one event back", onclick: step(-1) }, "◂"),
      element("button", { type: "button", "aria-label": "one event on", title: "one event on", onclick: step(1) }, "▸"),
      this.slider,
      this.clock,
      this.chooser,
    );
    this.offer();
  }

  // Offers the lanes, if there is more than one.
  offer() {
    const names = this.drawn.lanes.map((one) => one.name);
    if (this.chooser.children.length !== names.length)
      this.chooser.replaceChildren(...names.map((name) => element("option", {}, name)));
    this.chooser.hidden = names.length < 2;
    this.chooser.selectedIndex = this.number;
  }

  listen(keys) {
    const { timeline, source } = this;
    timeline.addEventListener("select", ({ detail }) => {
      this.light(detail?.line);
      this.details.replaceChildren(...this.told(detail, detail ? timeline.violations(detail) : []));
    });
    timeline.addEventListener("point", ({ detail }) => this.light(detail.line));
    timeline.addEventListener("away", () => this.light(timeline.rows[timeline.selected]?.line));
    source.addEventListener("point", ({ detail }) => {
      const number = timeline.rows.findIndex((row) => row.line?.line === detail && row.line?.file === source.file);
      if (number >= 0) timeline.select(number, { scroll: true });
    });
    this.slider.addEventListener("input", () => {
      this.stop();
      this.at(this.slider.value === "1000" ? Infinity : (this.took * Number(this.slider.value)) / 1000);
    });
    this.chooser.addEventListener("change", () => {
      this.number = this.chooser.selectedIndex;
      timeline.show(this.lane);
      timeline.select(null);
    });
    keys.addEventListener("keydown", (event) => {
      if (event.target.closest("input, button, select, textarea, a")) return;
      if (event.key === " ") this.toggle();
      else if (event.key === "ArrowRight") (this.stop(), this.step(1));
      else if (event.key === "ArrowLeft") (this.stop(), this.step(-1));
      else return;
      event.preventDefault();
    });
  }

  light(line) {
    if (!line) return;
    const spoke = this.lane.rows.map((row) => row.line).filter((one) => one?.file === line.file);
    this.source.light(line, new Set(spoke.map((one) => one.line)));
  }

  at(time) {
    const took = this.took;
    this.until = time;
    this.timeline.upTo(time);
    this.slider.value = String(Math.round((1000 * Math.min(time, took)) / took));
    this.clock.textContent = `${duration(Math.min(time, took))} of ${duration(took)}`;
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  step(by) {
    const next = (this.timeline.selected ?? -1) + by;
    if (next < 0 || next >= this.timeline.rows.length) return false;
    this.timeline.select(next, { scroll: true });
    this.at(this.timeline.rows[next].at);
    return true;
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.timeline.selected === this.timeline.rows.length - 1) this.timeline.select(null);
    this.play.textContent = "Pause";
    this.run();
  }

  // What took a millisecond takes long enough to be seen, and what took a minute no longer than that.
  run() {
    const from = this.timeline.rows[this.timeline.selected ?? 0]?.at ?? 0;
    if (!this.step(1)) {
      this.stop();
      this.at(Infinity);
      return;
    }
    const gap = (this.timeline.rows[this.timeline.selected].at - from) / 1e6;
    this.timer = setTimeout(() => this.run(), Math.max(FASTEST, Math.min(SLOWEST, gap)));
  }

  // Shows what the conversation has become; what was chosen stays so.
  update(drawn) {
    this.drawn = drawn;
    this.source.shown = new Set(drawn.sources);
    this.number = Math.min(this.number, drawn.lanes.length - 1);
    this.offer();
    this.timeline.show(this.lane, { grown: true });
    if (this.until === Infinity) this.at(Infinity);
    if (this.timeline.selected !== null) this.timeline.select(this.timeline.selected);
  }

  // Looks again and again, as long as the conversation goes on: the less often, the longer the server takes for it.
  async follow() {
    let pause = AGAIN;
    while (this.drawn.lanes[0].how === "open") {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!this.node.isConnected) return;
      if (document.hidden) continue;
      const began = performance.now();
      const drawn = await fetched(`${this.root}/conversations/${this.drawn.id}/drawn?known=${this.drawn.progress}`);
      if (drawn) this.update(drawn);
      else if (drawn === null) return;
      pause = Math.max(AGAIN, PART * (performance.now() - began));
    }
  }

  // What is known of a row, as nodes.
  told(row, violations) {
    if (!row) return [];
    const place = (line) =>
      element(
        "button",
        { type: "button", class: "link", onclick: () => this.light(line) },
        `${line.name}:${line.line} in ${line.function}`,
      );
    const own = row.outside && row.outside.file !== row.line?.file ? row.outside : null;
    const facts = [
      ["at", duration(row.at)],
      ["held", row.held === null || row.held === undefined ? "" : `${duration(row.held)}, the await`],
      ["task", row.task ?? ""],
      ["raised", row.error ?? ""],
      ["line", row.line ? place(row.line) : ""],
      ["called by", own ? place(own) : ""],
      ...row.fields,
    ].filter(([, value]) => value !== "");
    const table = element(
      "table",
      {},
      ...facts.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value))),
    );
    return [
      element("h3", { class: "code" }, row.type),
      ...[...Map.groupBy(violations, (one) => `${one.level} ${one.clause}`).values()].map((alike) => this.broken(alike)),
      table,
    ];
  }

  // A clause that was broken at one event, as often as it was.
  broken(alike) {
    const [{ level, clause, says, section, remedy }] = alike;
    const messages = alike.map((one) => one.message);
    const mark = element("span", { class: `mark ${level}` }, level);
    return element(
      "div",
      { class: `violation ${level}` },
      element("p", {}, mark, alike.length > 1 ? ` ${alike.length} times:` : ` ${messages[0]}`),
      ...(alike.length > 1 ? [element("ul", {}, ...messages.map((message) => element("li", {}, message)))] : []),
      element(
        "p",
        { class: "faint" },
        `The clause: ${says} (`,
        element("a", { href: `${this.root}/clauses#${clause}` }, clause),
        `, ${section})`,
      ),
      element("p", {}, `Instead: ${remedy}`),
    );
  }
}

// What is at an address, as JSON; undefined, if that is nothing new, and null, if it is not there.
export async function fetched(url) {
  try {
    const response = await fetch(url);
    if (response.status === 204) return undefined;
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
