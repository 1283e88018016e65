// The matrix of the lab, filtered.

const rows = [...document.querySelectorAll(".matrix:not(.wrong) tbody tr")];
const filters = document.querySelector("#filters");
const status = document.querySelector("#status");

function passes(row) {
  const { text, verdict, target } = Object.fromEntries(new FormData(filters));
  const cell = target ? row.querySelector(`td[data-target="${CSS.escape(target)}"]`) : row;
  const held = [...cell.querySelectorAll("td .verdict, :scope > .verdict, :scope > .each .verdict")];
  if (target && held.length === 0) return false;
  if (verdict && !held.some((one) => one.title === verdict)) return false;
  return row.textContent.toLowerCase().includes(text.trim().toLowerCase());
}

function filter() {
  let shown = 0;
  for (const row of rows) {
    row.hidden = !passes(row);
    shown += !row.hidden;
  }
  status.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} cases`;
}

filters.addEventListener("input", filter);
filters.addEventListener("submit", (event) => event.preventDefault());
