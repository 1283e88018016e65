// Makes a request, finds the conversation that it has become, and shows its timeline in place.

import { Builder, beyond } from "./builder.js";
import { element } from "./timeline.js";
import { View, fetched } from "./view.js";

const root = document.body.dataset.root;
const site = document.body.dataset.site;
const place = document.querySelector("#builder");
const MARK = "x-asgiscope-run";
const SHOWN = 4096; // characters of an answer
const PATIENCE = 100; // looks for a conversation, from which on it is not there
const GOODBYE = 1000; // milliseconds that a WebSocket waits after its last message

const builder = new Builder(JSON.parse(place.dataset.given));
const result = element("div", { class: "result" });
place.replaceChildren(builder.node, result);

let leave = () => {}; // ends what is still going on

builder.addEventListener("run", ({ detail }) => {
  leave();
  result.replaceChildren();
  make(detail, result);
});

builder.addEventListener("both", async () => {
  leave();
  const said = element("p", { class: "faint", role: "status" }, "Both are asked ...");
  result.replaceChildren(said);
  const ids = [];
  for (const path of [builder.path, builder.twin]) {
    builder.move(path);
    ids.push(await make(builder.request, element("div")));
  }
  builder.move(builder.path);
  if (ids.every(Boolean)) location.assign(`${root}/compare/${ids.join("/")}`);
  else said.textContent = "One of them has become no conversation: is it recorded?";
});

// Makes a request and shows what becomes of it; the id of its conversation.
async function make(request, into) {
  const said = element("p", { class: "said", role: "status" }, "Asked ...");
  const answer = element("pre", { class: "text answer", tabindex: "0", "aria-label": "the answer", hidden: "" });
  const away = element("button", { type: "button", onclick: () => leave() }, "Leave");
  into.append(element("div", { class: "bar" }, said, ...(request.type === "http" || request.beside ? [away] : [])), answer);
  const token = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (request.type === "websocket" && !request.beside) return connect(request, into, said, answer);
  const asked = request.beside || beyond(request) ? send(request, token, said, answer) : browse(request, token, said, answer);
  const shown = show(into, said, { token });
  asked.finally(() => away.remove());
  const [id] = await Promise.all([shown, asked]);
  return id;
}

// The request as a browser makes it.
async function browse(request, token, said, answer) {
  const leaving = new AbortController();
  leave = () => leaving.abort();
  const timer = request.leave_seconds && setTimeout(leave, request.leave_seconds * 1000);
  const headers = new Headers(request.headers);
  headers.set(MARK, token);
  let bytes = 0;
  try {
    const response = await fetch(site + request.target, {
      method: request.method,
      headers,
      body: request.chunks.length ? bodyOf(request.chunks[0]) : undefined,
      signal: leaving.signal,
      cache: "no-store",
      redirect: "manual",
    });
    tell(said, `${response.status} ${response.statusText}`);
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    for (let part; reader && !(part = await reader.read()).done; ) {
      bytes += part.value.length;
      add(answer, decoder.decode(part.value, { stream: true }));
      if (request.leave_bytes && bytes >= request.leave_bytes) leaving.abort();
    }
    tell(said, `${response.status} ${response.statusText}, ${bytes} bytes`);
  } catch (error) {
    tell(said, leaving.signal.aborted ? `The client has left after ${bytes} bytes.` : `No answer, or no end of it: ${error.message}`);
  } finally {
    clearTimeout(timer);
  }
}

// The request as the client beside the server makes it.
async function send(request, token, said, answer) {
  const leaving = new AbortController();
  leave = () => leaving.abort();
  const planned = { ...request, version: request.version || "1.1", target: site + request.target };
  planned.headers = [...request.headers, [MARK, token]];
  try {
    const response = await fetch(`${root}/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(planned),
      signal: leaving.signal,
    });
    const came = await response.json();
    if (came.error) return tell(said, came.error);
    add(answer, came.wire);
    if (came.cut) add(answer, `\n... ${came.bytes} bytes in all`);
    const status = came.wire.split("\r\n")[0].trim() || "No answer";
    if (!came.frames) return tell(said, `${status}, ${came.bytes} bytes as on the wire; ${came.how}.`);
    for (const frame of came.frames) add(answer, `${framed(frame)}\n`);
    if (came.counted > came.frames.length) add(answer, `... ${came.counted} frames in all\n`);
    tell(said, `${[status, came.subprotocol, closed(came)].filter(Boolean).join(", ")}; ${came.how}.`);
  } catch (error) {
    tell(said, leaving.signal.aborted ? "The client has left." : `The request was not made: ${error.message}`);
  }
}

async function connect(request, into, said, answer) {
  const { begun } = (await fetched(`${root}/runs`)) ?? { begun: 0 };
  const url = new URL(site + request.target, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let socket;
  try {
    socket = new WebSocket(url, request.subprotocols);
  } catch (error) {
    return tell(said, error.message);
  }
  const words = element("input", { class: "code", "aria-label": "a message", placeholder: "a message" });
  const line = element(
    "form",
    { class: "bar" },
    words,
    element("button", {}, "Send"),
    element("button", { type: "button", onclick: () => socket.close(1000) }, "Leave"),
  );
  const note = (direction, data) => add(answer, `${direction} ${typeof data === "string" ? data : "(bytes)"}\n`);
  const speak = (data) => (socket.send(data), note("→", data));
  line.addEventListener("submit", (event) => {
    event.preventDefault();
    if (socket.readyState === WebSocket.OPEN) speak(words.value);
    words.value = "";
  });
  leave = () => socket.close(1000);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", async () => {
    tell(said, `Connected${socket.protocol ? `, ${socket.protocol}` : ""}.`);
    answer.before(line);
    for (const chunk of request.chunks) {
      await new Promise((resolve) => setTimeout(resolve, chunk.pause * 1000));
      if (socket.readyState !== WebSocket.OPEN) return;
      speak(bodyOf(chunk));
    }
    const seconds = request.leave_seconds ?? (request.chunks.length ? 0 : null);
    if (seconds !== null) setTimeout(() => socket.close(1000), Math.max(GOODBYE, seconds * 1000));
  });
  socket.addEventListener("message", ({ data }) => note("←", data));
  socket.addEventListener("close", ({ code, reason }) => {
    line.remove();
    tell(said, `Closed with ${code}${reason ? `: ${reason}` : ""}.`);
  });
  return show(into, said, { after: begun, path: site + url.pathname.slice(site.length) });
}

// Shows the conversation, once it has begun, and as it goes on.
async function show(into, said, query) {
  for (let looked = 0; looked < PATIENCE; looked += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(30 + 10 * looked, 300)));
    if (!into.contains(said)) return null;
    const found = await fetched(`${root}/runs?${new URLSearchParams(query)}`);
    if (!found?.id) continue;
    const drawn = await fetched(`${root}/conversations/${found.id}/drawn`);
    if (!drawn) return null;
    const view = new View(root, drawn);
    said.parentElement.append(
      element("a", { href: `${root}/conversations/${found.id}` }, `Conversation ${found.id}`),
      element("a", { href: `${root}/compare/${found.id}` }, "Compare it"),
    );
    into.append(view.node);
    view.follow();
    return found.id;
  }
  return null;
}

// A frame in a line: when it was sent or heard, by whom, and what is in it.
function framed({ by, kind, shown, size, last, at }) {
  const more = last ? "" : ", to be continued";
  return `${at.toFixed(3)} s ${by === "client" ? "→" : "←"} ${kind} ${shown} (${size} bytes${more})`;
}

function closed({ code, reason }) {
  return code === null ? "" : `closed with ${code}${reason ? `: ${reason}` : ""}`;
}

function bodyOf(chunk) {
  return chunk.text ?? Uint8Array.from(atob(chunk.base64), (character) => character.charCodeAt(0));
}

function tell(said, words) {
  said.textContent = words;
}

function add(answer, text) {
  answer.hidden = answer.hidden && !text;
  const room = SHOWN - answer.textContent.length;
  if (room > 0) answer.append(text.slice(0, room));
}
