// Single keys for whoever wants them. They can be turned off (WCAG 2.1.4), and never act while somebody writes.
const KEPT = "coalwatch keys";
const button = document.getElementById("keys");

function show() {
  if (!button) return;
  const on = areOn();
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? "Keys are on" : "Keys are off";
}

export function areOn() {
  return localStorage.getItem(KEPT) !== "off";
}

// What each key does, by its name.
export function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (!areOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const action = actions[event.key];
    if (action && action(event) !== false) event.preventDefault();
  });
}

button?.addEventListener("click", () => {
  localStorage.setItem(KEPT, areOn() ? "off" : "on");
  show();
});
show();
