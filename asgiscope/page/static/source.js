// The source of a file beside a timeline: the lines that spoke can be pointed at, and one of them is lit.

import { element } from "./timeline.js";

// Files that have come with the page.
export const kept = new Map();

export class Source extends EventTarget {
  // Tells of a line that is pointed at by "point", whose detail is the number of the line.
  // `sources` are the files that the server shows of this conversation.
  constructor(root, id, sources) {
    super();
    this.shown = new Set(sources);
    this.root = root;
    this.id = id;
    this.files = new Map();
    this.name = element("div", { class: "name" });
    this.lines = element("div", { class: "lines", tabindex: "0", "aria-label": "source code" });
    this.node = element("section", { class: "source" }, this.name, this.lines);
  }

  async load(file) {
    if (kept.has(file)) return { lines: kept.get(file) };
    if (!this.shown.has(file)) return null;
    if (!this.files.has(file)) {
      const query = new URLSearchParams({ file });
      const answer = fetch(`${this.root}/conversations/${this.id}/source?${query}`)
        .then((response) => (response.ok ? response.json() : null))
        .catch(() => null);
      this.files.set(file, answer);
    }
    return this.files.get(file);
  }

  // Show the line, lit, in its file; `spoke` are the numbers of all lines of the file that said something.
  async light(line, spoke) {
    this.wanted = line;
    if (!line) return;
    if (line.file !== this.file) {
      const found = await this.load(line.file);
      if (this.wanted !== line) return;
      this.file = line.file;
      this.name.textContent = line.name;
      this.lines.replaceChildren(
        ...(found?.lines ?? []).map((html, n) => {
          const made = element("span", { class: "line" });
          // This is Pygments' HTML of a file on the server's disk: it escapes what is in the file.
          made.innerHTML = html;
          if (spoke.has(n + 1)) {
            made.classList.add("spoke");
            made.addEventListener("mouseenter", () =>
              this.dispatchEvent(new CustomEvent("point", { detail: n + 1 })),
            );
          }
          return made;
        }),
      );
      if (!found) this.lines.replaceChildren(element("p", { class: "faint" }, "This source is not shown here."));
    }
    for (const lit of this.lines.querySelectorAll(".lit")) lit.classList.remove("lit");
    const found = this.lines.children[line.line - 1];
    if (!found?.classList.contains("line")) return;
    found.classList.add("lit");
    const middle = found.offsetTop - this.lines.offsetTop - this.lines.clientHeight / 2;
    if (Math.abs(middle - this.lines.scrollTop) > this.lines.clientHeight / 2 - 60) this.lines.scrollTop = middle;
    this.name.textContent = `${line.name}:${line.line} in ${line.function}`;
  }
}
