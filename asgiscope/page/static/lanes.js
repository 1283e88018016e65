// Lanes on one clock, and beneath them the event loop: a drawing that scales with its place, and its words not.

const SVG = "http://www.w3.org/2000/svg";
const LOOP = 44; // pixels that the curve of the loop may be high
const LEFT = 5; // per cent, and what is to the right of them is the time
const RIGHT = 99;

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

// The seconds between two lines of the clock: three to eight lines, at a round 1, 2 or 5.
export function step(total) {
  let unit = 1000;
  while (unit * 3 > total) unit /= 10;
  return [1, 2, 5].map((n) => unit * n).find((gap) => total <= gap * 8) ?? unit * 10;
}

export function seconds(time) {
  return time < 1 ? `${Math.round(time * 1000)} ms` : `${time.toFixed(2)} s`;
}

// `lanes` have the seconds `start`, `began`, `ended` and `end`, and whether they `held` a thread; `stalls` are
// pairs, when and how long. `total` is the last second that is drawn, and `high` the pixels of a lane.
export function drawing({ lanes, stalls, total, high, label }) {
  const x = (at) => `${LEFT + ((RIGHT - LEFT) * Math.max(0, Math.min(at, total))) / total}%`;
  const bottom = 8 + high * lanes.length;
  const floor = bottom + 18 + LOOP;
  const made = shape("svg", { class: "lanes", width: "100%", height: floor + 26, role: "img", "aria-label": label });
  const line = (name, from, to, y) => made.append(shape("line", { class: name, x1: x(from), x2: x(to), y1: y, y2: y }));

  const gap = step(total);
  for (let at = 0; at <= total * 1.001; at += gap) {
    made.append(
      shape("line", { class: "grid", x1: x(at), x2: x(at), y1: 2, y2: floor }),
      shape("text", { x: x(at), y: floor + 18, class: at > total * 0.95 ? "end" : at ? "middle" : "" }, seconds(at)),
    );
  }
  lanes.forEach((lane, number) => {
    const y = 8 + high * number + high / 2;
    const thick = Math.max(1.5, high - 5);
    line("queue", lane.start, lane.began, y);
    const bar = shape("rect", {
      class: lane.held ? "bar held" : "bar",
      x: x(lane.began),
      width: `${((RIGHT - LEFT) * Math.max(0, lane.ended - lane.began)) / total}%`,
      y: y - thick / 2,
      height: thick,
    });
    bar.append(shape("title", {}, lane.says ?? ""));
    made.append(bar);
    line("queue", lane.ended, lane.end, y);
    if (high >= 10) {
      made.append(shape("line", { class: "sent", x1: x(lane.end), x2: x(lane.end), y1: y - high / 2 + 2, y2: y + high / 2 - 2 }));
      if (number % 5 === 4 || number === 0) made.append(shape("text", { x: `${LEFT - 1}%`, y: y + 4, class: "end" }, number + 1));
    }
  });
  // What is nothing beside the whole is to look like nothing, too.
  const highest = Math.max(total / 20, ...stalls.map(([, late]) => late));
  for (const [at, late] of stalls) {
    if (at > total || at + late < 0) continue;
    made.append(
      shape("rect", {
        class: "loop",
        x: x(at),
        width: `${Math.max(0.15, ((RIGHT - LEFT) * (Math.min(at + late, total) - Math.max(0, at))) / total)}%`,
        y: floor - (LOOP * late) / highest,
        height: (LOOP * late) / highest,
      }),
    );
  }
  line("floor", 0, total, floor);
  made.append(shape("text", { x: `${LEFT}%`, y: bottom + 16, class: "name" }, "the event loop"));
  return made;
}
