// Search as one types, without a server: by the words that stand in the list.

const field = document.querySelector("#search");
const found = document.querySelector("#found");
const rows = [...document.querySelectorAll("#contents li")];

function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  for (const chapter of document.querySelectorAll(".chapter")) chapter.hidden = !chapter.querySelector("li:not([hidden])");
  found.textContent = words.length ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} exhibits` : "";
}

field?.addEventListener("input", search);
field?.form.addEventListener("submit", (event) => event.preventDefault());

// A link may lead to a clause: it opens.
const opened = document.getElementById(location.hash.slice(1));
if (opened?.matches("details")) {
  opened.open = true;
  opened.scrollIntoView({ block: "center" });
}
