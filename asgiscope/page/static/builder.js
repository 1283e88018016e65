// The form for a request of one's own, filled from what an exhibit's conversations say.

import { element } from "./timeline.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const LEAVES = {
  close: "with a close frame",
  vanish: "without a close frame: it vanishes",
  handshake: "before its handshake is answered",
};
const OPENED = { browser: "by the browser", beside: "by a client beside the server" };
// What a script may not write, as Fetch has it (2.2.2, forbidden request-header).
const FORBIDDEN =
  /^(accept-(charset|encoding)|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;
const NORMALIZED = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

export class Builder extends EventTarget {
  // Tells of a request that is to be made by "run", and of one to both, the exhibit and its twin, by "both".
  constructor({ path, twin, requests, versions }) {
    super();
    this.path = path;
    this.twin = twin;
    this.requests = requests;
    const label = (words, ...inputs) => element("label", {}, element("span", {}, words), ...inputs);
    const input = (properties) => element("input", { spellcheck: "false", autocomplete: "off", ...properties });
    this.preset = element(
      "select",
      {},
      ...requests.map((one, n) => element("option", { value: n }, `${n + 1}: ${this.title(one)}`)),
    );
    this.at = element("select", {}, element("option", { value: path }, "by hand"), ...this.twinOption());
    this.method = input({ list: "methods", size: "7", class: "code" });
    this.target = input({ class: "code target" });
    const choice = (words) =>
      element("select", {}, ...Object.entries(words).map(([value, one]) => element("option", { value }, one)));
    this.opened = choice(OPENED);
    this.version = element(
      "select",
      {},
      element("option", { value: "" }, "as the browser speaks"),
      ...versions.map((one) => element("option", { value: one }, one)),
    );
    const lines = (rows) => element("textarea", { rows, class: "code", spellcheck: "false", placeholder: "name: value" });
    this.headers = lines("3");
    this.trailers = lines("1");
    this.subprotocols = input({ class: "code", placeholder: "chat, echo" });
    this.pieces = element("div", { class: "pieces" });
    this.whole = input({ type: "checkbox" });
    this.fragments = input({ type: "number", min: "1", max: "100", size: "4" });
    this.leaves = choice(LEAVES);
    this.code = input({ type: "number", min: "0", max: "65535", size: "6" });
    this.reason = input({ class: "code", maxlength: "123" });
    this.messages = input({ type: "number", min: "1", size: "7", placeholder: "messages" });
    this.bytes = input({ type: "number", min: "1", size: "7", placeholder: "bytes" });
    this.seconds = input({ type: "number", min: "0.01", step: "any", size: "7", placeholder: "seconds" });
    this.by = element("p", { class: "faint by", role: "status" });
    this.button = element("button", { type: "submit", class: "main" }, "Run");
    this.both = element("button", { type: "button", onclick: () => this.tell("both") }, "Run both");
    this.fields = {
      preset: label("as in the conversation", this.preset),
      at: label("answered", this.at),
      opened: label("opened", this.opened),
      method: label("method", this.method),
      target: label("path", this.target),
      version: label("HTTP version", this.version),
      headers: label("headers", this.headers),
      subprotocols: label("subprotocols", this.subprotocols),
      trailers: label("trailers, behind the body", this.trailers),
      fragments: label("frames of each message", this.fragments),
      whole: label("the client leaves before the end of the body", this.whole),
      leaves: label("how it leaves", this.leaves),
      code: label("code", this.code),
      reason: label("reason", this.reason),
      messages: label("leave after messages of the server", this.messages),
      bytes: label("leave after bytes of the answer", this.bytes),
      seconds: label("leave after seconds", this.seconds),
    };
    const { fields } = this;
    this.more = element(
      "details",
      { class: "more" },
      (this.summary = element("summary")),
      element(
        "div",
        { class: "grid" },
        element("div", {}, fields.headers, fields.subprotocols, fields.version),
        element(
          "div",
          {},
          (this.piecesTitle = element("span", { class: "label" })),
          this.pieces,
          element("button", { type: "button", onclick: () => (this.piece({}), this.say()) }, "Add"),
          fields.whole,
          fields.trailers,
          fields.fragments,
        ),
        element("div", {}, fields.leaves, fields.code, fields.reason, fields.messages, fields.bytes, fields.seconds),
      ),
    );
    this.node = element(
      "form",
      { class: "builder", "aria-label": "a request" },
      element("datalist", { id: "methods" }, ...METHODS.map((value) => element("option", { value }))),
      element("div", { class: "bar" }, fields.preset, fields.at, fields.opened),
      element("div", { class: "bar line" }, fields.method, fields.target, this.button, this.both),
      this.by,
      this.more,
    );
    fields.preset.hidden = requests.length < 2;
    fields.at.hidden = this.both.hidden = !twin;
    this.preset.addEventListener("change", () => this.fill());
    this.at.addEventListener("change", () => this.move());
    this.node.addEventListener("input", () => this.say());
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.tell("run");
    });
    this.fill();
  }

  twinOption() {
    return this.twin ? [element("option", { value: this.twin }, "by Django")] : [];
  }

  title(one) {
    const name = one.type === "websocket" ? "WebSocket" : one.method;
    const pieces = one.chunks?.length ?? 0;
    const body = pieces > 1 ? `, a body in ${pieces} pieces` : pieces ? ", a body" : "";
    return `${name} ${one.target}${body}${one.leaves && one.type === "http" ? ", the client leaves" : ""}`;
  }

  // Puts a conversation's request into the form.
  fill() {
    const one = this.requests[this.preset.value || 0];
    this.type = one.type;
    const socket = one.type === "websocket";
    this.method.value = one.method;
    this.target.value = one.target;
    this.at.value = this.path;
    this.headers.value = (one.headers ?? []).map((pair) => pair.join(": ")).join("\n");
    this.subprotocols.value = (one.subprotocols ?? []).join(", ");
    for (const field of [this.version, this.trailers, this.bytes, this.messages, this.reason]) field.value = "";
    this.opened.value = "browser";
    this.leaves.value = "close";
    this.code.value = "1000";
    this.fragments.value = "1";
    const before = one.leaves && one.chunks?.length > 0;
    this.whole.checked = Boolean(before && !socket);
    this.seconds.value = one.leaves && !before && !socket ? "2" : "";
    this.pieces.replaceChildren();
    for (const piece of (socket ? one.frames : one.chunks) ?? []) this.piece(piece);
    this.summary.textContent = `Headers, ${socket ? "messages" : "body"}, leaving`;
    this.piecesTitle.textContent = socket ? "messages, each after a pause" : "body in pieces, each after a pause";
    for (const name of ["method", "version", "whole", "trailers", "bytes"]) this.fields[name].hidden = socket;
    for (const name of ["opened", "subprotocols"]) this.fields[name].hidden = !socket;
    this.button.textContent = socket ? "Connect" : "Run";
    this.fields.at.hidden = this.both.hidden = !this.twin || socket;
    this.say();
  }

  piece({ text, base64 }) {
    const row = element("div", { class: "piece" });
    const words = element("textarea", { rows: "1", class: "code", "aria-label": "text", spellcheck: "false" });
    words.value = text ?? base64 ?? "";
    const kinds = ["text", "base64"].map((value) => element("option", {}, value));
    const kind = element("select", { "aria-label": "text, or bytes in base64" }, ...kinds);
    kind.value = base64 === undefined ? "text" : "base64";
    const pause = element("input", { type: "number", min: "0", max: "10", step: "any", size: "4", "aria-label": "pause in seconds" });
    pause.value = this.pieces.children.length ? "0.5" : "0";
    const remove = () => (row.remove(), this.say());
    row.append(pause, kind, words, element("button", { type: "button", "aria-label": "remove", onclick: remove }, "×"));
    this.pieces.append(row);
  }

  // The same request to the other one.
  move(to = this.at.value) {
    const from = to === this.path ? this.twin : this.path;
    if (this.target.value.startsWith(from)) this.target.value = to + this.target.value.slice(from.length);
    this.at.value = to;
    this.say();
  }

  get request() {
    const number = (field) => (field.value ? Number(field.value) : null);
    return {
      type: this.type,
      beside: this.opened.value === "beside",
      method: this.method.value.trim(),
      target: this.target.value.trim(),
      version: this.version.value,
      headers: pairs(this.headers.value),
      trailers: pairs(this.trailers.value),
      subprotocols: this.subprotocols.value.split(",").map((word) => word.trim()).filter(Boolean),
      chunks: [...this.pieces.children].map(({ children: [pause, kind, words] }) => ({
        [kind.value]: words.value,
        pause: Number(pause.value) || 0,
      })),
      whole: !this.whole.checked,
      fragments: number(this.fragments),
      leaves: this.leaves.value,
      code: number(this.code),
      reason: this.reason.value,
      leave_messages: number(this.messages),
      leave_bytes: number(this.bytes),
      leave_seconds: number(this.seconds),
    };
  }

  say() {
    const request = this.request;
    const socket = this.type === "websocket";
    const beside = socket && request.beside;
    this.fields.headers.hidden = socket && !beside;
    for (const name of ["fragments", "leaves", "messages"]) this.fields[name].hidden = !beside;
    for (const name of ["code", "reason"]) this.fields[name].hidden = !beside || this.leaves.value !== "close";
    const reason = socket ? "" : beyond(request);
    if (beside) this.by.textContent = "A client beside the server opens this: with any headers, and it leaves as no browser does.";
    else if (socket) this.by.textContent = "Your browser opens this, and you can go on speaking.";
    else this.by.textContent = reason ? `A client beside the server sends this: a browser ${reason}.` : "Your browser sends this.";
  }

  tell(what) {
    this.dispatchEvent(new CustomEvent(what, { detail: this.request }));
  }
}

// The headers in a text, one in a line.
function pairs(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  return lines.map((line) => [line.split(":")[0].trim(), line.slice(line.indexOf(":") + 1).trim()]);
}

// What a browser cannot do of a request; "" if it can do all of it.
export function beyond({ method, version, headers, chunks, trailers, whole }) {
  if (version) return "does not let one choose the version";
  if (!whole) return "does not leave a body half sent";
  if (trailers.length) return "sends no trailers";
  if (chunks.length > 1 || chunks.some((chunk) => chunk.pause)) return "does not send a body in pieces";
  if (["GET", "HEAD"].includes(method) && chunks.length) return `gives ${method} no body`;
  if (/^(connect|trace|track)$/i.test(method)) return `does not send ${method}`;
  if (NORMALIZED.includes(method.toUpperCase()) && method !== method.toUpperCase()) return `writes ${method} in capitals`;
  const name = headers.map(([one]) => one).find((one) => FORBIDDEN.test(one) || one !== one.toLowerCase());
  return name === undefined ? "" : `does not let a page write the header ${name}`;
}
