// Search as one types: the server searches, and what it finds takes the place of the list.

const field = document.querySelector("#search");
const form = field.form;
let wanted = "";

async function search() {
  const url = new URL(form.action || location.href, location.href);
  url.search = new URLSearchParams({ q: field.value });
  wanted = url.href;
  const response = await fetch(url).catch(() => null);
  if (!response?.ok || wanted !== url.href) return;
  const found = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const id of ["contents", "found"])
    document.getElementById(id).replaceWith(document.adoptNode(found.getElementById(id)));
  history.replaceState(null, "", field.value ? url : url.pathname);
}

let timer = null;
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, 150);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  field.focus();
});

// A link may lead to a clause: it opens.
const opened = document.getElementById(location.hash.slice(1));
if (opened?.matches("details")) {
  opened.open = true;
  opened.scrollIntoView({ block: "center" });
}
