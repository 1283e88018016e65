// The page of one conversation, with all that it needs in itself.

import { kept } from "./source.js";
import { View } from "./view.js";

const recorded = JSON.parse(document.querySelector("#recorded").textContent);
for (const [file, lines] of globalThis.sources ?? []) kept.set(file, lines);
const view = new View(document.body.dataset.root, recorded);
document.querySelector("[data-conversation]").replaceChildren(view.node);
view.timeline.scroller.focus({ preventScroll: true });

// The clauses are in a file, which has another name than their page has on a server.
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.('a[href*="/clauses#"]');
  if (link) link.setAttribute("href", link.getAttribute("href").replace("/clauses#", "/clauses.html#"));
});
