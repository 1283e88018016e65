// The page of an exhibit: commands can be taken along, and the next one is a key away.

import { element } from "./timeline.js";

for (const commands of document.querySelectorAll("pre.commands")) {
  const button = element("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = await navigator.clipboard.writeText(commands.textContent).then(
      () => "Copied",
      () => "Select and copy by hand",
    );
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  const around = element("div", { class: "with-copy" });
  commands.replaceWith(around);
  around.append(commands, button);
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, button, [role=listbox], .view, pre")) return;
  const relation = { n: "next", p: "prev" }[event.key];
  if (relation) document.querySelector(`.turn a[rel=${relation}]`)?.click();
});
