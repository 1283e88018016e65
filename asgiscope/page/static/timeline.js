// A timeline draws one lane of a conversation. Rows have one height, and only those in sight are in the document,
// so that ten thousand of them scroll as ten do.

const HEIGHT = 40;
const AROUND = 10;

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function duration(nanoseconds) {
  if (nanoseconds === null || nanoseconds === undefined) return "";
  if (nanoseconds < 1e6) return `${Math.round(nanoseconds / 1e3)} µs`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toPrecision(3)} ms`;
  return `${(nanoseconds / 1e9).toPrecision(4)} s`;
}

const ENDS = { return: "returned", raise: "raised", cancel: "was cancelled", open: "goes on" };

export class Timeline extends EventTarget {
  // Tells of itself by "select", whose detail is the row, or null; by "point", when the mouse is over one; and by
  // "away", when it is over none any more.
  constructor(lane, { parties = ["client", "server", "application"] } = {}) {
    super();
    this.space = element("div", { class: "space" });
    this.scroller = element(
      "div",
      { class: "scroll", tabindex: "0", role: "listbox", "aria-label": `Events of ${lane.name}` },
      this.space,
    );
    const [client, server, application] = parties;
    this.node = element(
      "section",
      { class: "timeline" },
      element(
        "div",
        { class: "parties", "aria-hidden": "true" },
        element("span"),
        element("span", { class: "client" }, client),
        element(
          "span",
          { class: "inner" },
          element("span", { class: "server" }, server),
          element("span", { class: "application" }, application),
        ),
      ),
      this.scroller,
    );
    this.scroller.addEventListener("scroll", () => this.draw());
    this.scroller.addEventListener("keydown", (event) => this.key(event));
    this.scroller.addEventListener("mouseleave", () => this.dispatchEvent(new CustomEvent("away")));
    new ResizeObserver(() => this.draw()).observe(this.scroller);
    this.selected = null;
    this.until = Infinity;
    this.show(lane);
  }

  // Draws a lane. If it is the same one, grown, whoever looks at its end goes on looking at its end.
  show(lane, { grown = false } = {}) {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const follows = grown && scrollHeight > clientHeight && scrollTop + clientHeight > scrollHeight - HEIGHT;
    this.lane = lane;
    this.rows = [...lane.rows];
    const words = [ENDS[lane.how] ?? lane.how, lane.error].filter(Boolean).join(" ");
    this.rows.push({
      kind: "end",
      how: lane.how,
      at: lane.took ?? this.rows.at(-1)?.at ?? 0,
      type: words,
      says: "",
      fields: lane.traceback ? [["traceback", lane.traceback]] : [],
      line: lane.line,
      outside: lane.line,
    });
    this.found = new Map();
    for (const violation of lane.violations) {
      const key = violation.event;
      this.found.set(key, [...(this.found.get(key) ?? []), violation]);
    }
    this.space.style.height = `${this.rows.length * HEIGHT}px`;
    this.scroller.style.setProperty("--rows", this.rows.length);
    if (follows) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.draw(true);
  }

  violations(row) {
    if (row.kind === "end") return this.found.get(null) ?? [];
    return row.index === undefined ? [] : (this.found.get(row.index) ?? []);
  }

  draw(anew = false) {
    const top = Math.max(0, Math.floor(this.scroller.scrollTop / HEIGHT) - AROUND);
    const bottom = Math.min(
      this.rows.length,
      Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / HEIGHT) + AROUND,
    );
    if (!anew && this.drawn?.[0] === top && this.drawn?.[1] === bottom) return;
    this.drawn = [top, bottom];
    this.space.replaceChildren(...this.rows.slice(top, bottom).map((row, n) => this.row(row, top + n)));
  }

  row(row, number) {
    if (row.kind === "gap") return this.gap(number);
    const marks = [...new Set(this.violations(row).map((violation) => violation.level))].map((level) =>
      element("span", { class: `mark ${level}` }, level),
    );
    if (row.sign) marks.push(element("span", { class: "mark sign", title: "differs" }, row.sign === "-" ? "−" : row.sign));
    const unit = row.fields.some(([name]) => name === "text") ? "characters" : "bytes";
    const size = row.size ? ` ${row.size} ${unit}` : "";
    const says = element(
      "span",
      { class: "says" },
      element("b", {}, row.type),
      ...marks,
      row.kind === "stall" ? ` ${duration(row.held)} ${row.says}` : ` ${row.says}`,
      element("span", { class: "size" }, size),
    );
    const call = element("span", { class: "call" }, says);
    const wire = element("span", { class: "wire" });
    if (row.kind === "receive" && row.came) call.append(element("span", { class: "arrow right" }));
    if (row.kind === "send") call.append(element("span", { class: "arrow left" }));
    if (row.wire === "in") wire.append(element("span", { class: "arrow right" }));
    if (row.wire === "out") wire.append(element("span", { class: "arrow left" }));
    const classes = ["row", row.kind, row.how ?? "", row.at > this.until ? "later" : ""];
    const made = element(
      "div",
      {
        class: classes.filter(Boolean).join(" "),
        role: "option",
        id: `row-${number}`,
        "aria-selected": String(number === this.selected),
        "aria-label": `${duration(row.at)} ${row.kind} ${row.type} ${row.says}${size}`,
        onclick: () => this.select(number),
        onmouseenter: () => this.dispatchEvent(new CustomEvent("point", { detail: row })),
      },
      element("span", { class: "at" }, duration(row.at)),
      wire,
      call,
    );
    made.style.top = `${number * HEIGHT}px`;
    return made;
  }

  gap(number) {
    const made = element(
      "div",
      { class: "row gap", "aria-hidden": "true" },
      element("span"),
      element("span", { class: "wire" }),
      element("span", { class: "call" }),
    );
    made.style.top = `${number * HEIGHT}px`;
    return made;
  }

  select(number, { scroll = false } = {}) {
    this.selected = number === null ? null : Math.max(0, Math.min(this.rows.length - 1, number));
    if (scroll && this.selected !== null) {
      const top = this.selected * HEIGHT;
      const height = this.scroller.clientHeight;
      if (top < this.scroller.scrollTop) this.scroller.scrollTop = top - HEIGHT;
      if (top + HEIGHT > this.scroller.scrollTop + height) this.scroller.scrollTop = top + 2 * HEIGHT - height;
    }
    this.draw(true);
    if (this.selected !== null) this.scroller.setAttribute("aria-activedescendant", `row-${this.selected}`);
    const row = this.selected === null ? null : this.rows[this.selected];
    this.dispatchEvent(new CustomEvent("select", { detail: row }));
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const from = this.selected ?? -1;
    const to = from + steps[event.key];
    this.select(Number.isFinite(to) ? to : to > 0 ? this.rows.length - 1 : 0, { scroll: true });
  }

  // Draws these rows in place of its own: some of those, and null where there is nothing to be drawn.
  place(rows) {
    this.rows = rows.map((row) => row ?? { kind: "gap", at: 0, type: "", says: "" });
    this.space.style.height = `${this.rows.length * HEIGHT}px`;
    this.draw(true);
  }

  // Draws what comes after this time as still to come.
  upTo(time) {
    this.until = time;
    this.draw(true);
  }
}
