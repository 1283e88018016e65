// The form that asks every server: says how long that has taken so far.

const form = document.querySelector("#ask");
const status = document.querySelector("#status");
const send = document.querySelector("#send");

form.addEventListener("submit", () => {
  const began = performance.now();
  const say = () => {
    const seconds = Math.round((performance.now() - began) / 1000);
    status.textContent = `Starting them, two at a time, asking and stopping: ${seconds} s so far, some 20 in all.`;
  };
  say();
  setInterval(say, 1000);
  send.disabled = true;
});

// Whoever comes back to this page may ask again.
addEventListener("pageshow", () => (send.disabled = false));
