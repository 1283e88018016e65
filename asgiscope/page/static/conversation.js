// The page of one conversation.

import { View, fetched } from "./view.js";

const root = document.body.dataset.root;
// Beside a link, what it leads to can be taken to the clipboard.
for (const link of document.querySelectorAll("a[data-copy]")) {
  link.addEventListener("click", async (event) => {
    if (event.metaKey || event.ctrlKey || !["curl", "text", "test"].includes(link.dataset.copy)) return;
    event.preventDefault();
    const words = link.textContent;
    const response = await fetch(link.href);
    await navigator.clipboard.writeText(await response.text()).then(
      () => (link.textContent = "copied"),
      () => location.assign(link.href),
    );
    setTimeout(() => (link.textContent = words), 1500);
  });
}

const place = document.querySelector("[data-conversation]");
const drawn = await fetched(`${root}/conversations/${place.dataset.conversation}/drawn`);
if (drawn) {
  const view = new View(root, drawn, { keys: document });
  place.replaceChildren(view.node);
  view.follow();
}
