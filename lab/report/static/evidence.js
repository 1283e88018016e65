// What was seen of one case, as nodes. All of it comes from a wire: it is put there as text, never as HTML.

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// The evidence is packed: it is unpacked when somebody first looks at it.
let unpacked = null;
function evidence() {
  unpacked ??= (async () => {
    const text = atob(document.querySelector("#evidence").textContent);
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).json();
  })();
  return unpacked;
}

// Bytes as Python writes them; what is no letter is fainter, and a line on the wire is a line here.
function bytes(data) {
  const made = element("code", { class: "bytes" });
  for (const piece of data.match(/[ -~]+|\r\n|\n|[^ -~\n]+?(?=[ -~\n]|\r\n|$)/gs) ?? []) {
    if (/^[ -~]/.test(piece)) made.append(piece);
    else made.append(element("span", { class: "faint" }, [...piece].map(escape).join("")), piece.endsWith("\n") ? "\n" : "");
  }
  return made;
}

function escape(letter) {
  const names = { "\r": "\\r", "\n": "\\n", "\t": "\\t" };
  return names[letter] ?? `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function literal(text) {
  return text.replace(/['\\]/g, "\\$&").replace(/[^ -~]/g, escape);
}

// A value of a scope or an event as Python writes it; `asgiscope.values` has what the dollars mean.
function python(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  const [[key, inner] = []] = Object.entries(value);
  switch (key) {
    case "$bytes": return `b'${literal(inner)}'`;
    case "$base64": return `b'${literal(atob(inner))}'`;
    case "$tuple": return `(${inner.map(python).join(", ")}${inner.length === 1 ? "," : ""})`;
    case "$cut": return `${python(inner[0])}… (${inner[1]} in all)`;
    case "$opaque": return inner[1];
    case "$dict": return `{${inner.map(([name, item]) => `${python(name)}: ${python(item)}`).join(", ")}}`;
    case "$float":
    case "$int": return inner;
  }
  return `{${Object.entries(value).map(([name, item]) => `${python(name)}: ${python(item)}`).join(", ")}}`;
}

function raw(value) {
  return value?.base64 === undefined ? String(value ?? "") : atob(value.base64);
}

function part(title, ...children) {
  return element("section", {}, element("h3", {}, title), ...children);
}

function pairs(found) {
  const rows = found.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value)));
  return element("table", { class: "pairs" }, element("tbody", {}, ...rows));
}

// The bytes, one turn after the other.
function wire(seen) {
  const turns = seen.said.map((said) =>
    element(
      "li",
      { class: said.by },
      element("span", { class: "by" }, said.by === "client" ? "client →" : "← server"),
      element("span", { class: "faint at" }, `${said.at.toFixed(3)} s`),
      element("pre", {}, bytes(raw(said.data))),
    ),
  );
  const closed = seen.said.length ? element("p", { class: "faint" }, `The connection is ${seen.closed}.`) : null;
  return part("On the wire", turns.length ? element("ol", { class: "said" }, ...turns) : "Nothing.", closed);
}

// What the client makes of them.
function read(seen) {
  const told = seen.answers.flatMap((answer) => [
    ...answer.informational.map(([status]) => ["before it", String(status)]),
    ["status", answer.status ? `${answer.status} ${answer.reason}`.trim() : "none"],
    ...answer.headers,
    ["body", bytes(raw(answer.body))],
    ...answer.trailers.map(([name, value]) => [`trailer ${name}`, value]),
    ["ended", answer.ended],
  ]);
  told.push(...seen.frames.map((frame) => [frame.kind, element("span", {}, frame.code ? `${frame.code} ` : "", bytes(raw(frame.data)))]));
  if (seen.error) told.push(["error", seen.error]);
  if (seen.goaway !== null && seen.goaway !== undefined) told.push(["GOAWAY", String(seen.goaway)]);
  if (!seen.alive) told.push(["process", "has ended"]);
  if (seen.life) told.push(["its life", Object.entries(seen.life).map(([name, value]) => `${name} ${python(value)}`).join(", ")]);
  const printed = seen.output ? element("pre", { class: "printed" }, seen.output.slice(-2000)) : null;
  return part("What the client reads", pairs(told), printed && element("h3", {}, "What the server prints"), printed);
}

// What the application was told and said.
function told(seen) {
  const lanes = seen.conversations.flatMap((one) => one.lanes);
  if (lanes.length === 0) return part("What the application sees", "It was not called.");
  return part("What the application sees", ...lanes.flatMap(lane));
}

function lane({ scope, events, outcome, violations }) {
  const lines = events.map((event) => {
    const { type, ...rest } = event.fields;
    const fields = Object.entries(rest).map(([name, value]) => `${name}=${python(value)}`);
    const raised = event.error ? element("span", { class: "raised" }, ` raises ${event.error}`) : null;
    return element(
      "li",
      { class: event.direction },
      element("b", {}, event.direction),
      ` ${type ?? ""} `,
      element("span", { class: "faint" }, fields.join(" ")),
      raised,
    );
  });
  const ends = outcome.error ? `${outcome.how}: ${outcome.error}` : outcome.how;
  return [
    element(
      "details",
      { class: "scope" },
      element("summary", {}, `scope of type ${python(scope.type ?? null)}`),
      pairs(Object.entries(scope).map(([name, value]) => [name, python(value)])),
    ),
    element("ol", { class: "events" }, ...lines, element("li", { class: "faint" }, ends)),
    ...(violations ?? []).map((one) => element("p", { class: "violation" }, `${one.clause} (${one.party}): ${one.message}`)),
  ];
}
