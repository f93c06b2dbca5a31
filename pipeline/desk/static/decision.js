// The form of a decision: keys choose, reasons follow the choice, what is written is kept until it is recorded, and a
// page that is open learns when its alert changes.
import { onKeys } from "./keys.js";

const LOOKS_AGAIN_MS = 20_000;
const section = document.getElementById("decision");
const form = section.querySelector("form");
const kept = `coalwatch draft ${section.dataset.alert}`;

function chosen() {
  return form.querySelector("[name=decision]:checked")?.value;
}

// Reasons of other decisions leave the list, for no browser may be relied on to hide an optgroup.
const reasons = form?.querySelector("#reason");
const groups = form ? [...reasons.querySelectorAll("optgroup")] : [];

function fitReasons() {
  for (const group of groups) {
    if (group.dataset.decision === chosen() || !chosen()) reasons.append(group);
    else group.remove();
  }
  if (reasons.selectedIndex < 0) reasons.selectedIndex = 0;
}

function choose(key) {
  const box = form?.querySelector(`[data-key=${key}]`);
  if (!box) return false;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  section.scrollIntoView({ block: "nearest" });
  form.elements.note.focus();
}

if (form) {
  const { note } = form.elements;
  if (!note.value) note.value = localStorage.getItem(kept) ?? "";
  note.addEventListener("input", () => localStorage.setItem(kept, note.value));
  form.addEventListener("change", fitReasons);
  form.addEventListener("submit", () => sessionStorage.setItem("coalwatch sent", section.dataset.alert));
  fitReasons();
  if (chosen() && location.hash === "#decision") note.focus();
  onKeys(Object.fromEntries(["c", "d", "m", "e", "u"].map((key) => [key, () => choose(key)])));
  // Ctrl+Enter sends from within the note, as in other programs.
  note.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(section.dataset.state, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const now = await answer.json();
  if ([now.evidence_hash, now.withdrawn ? "True" : "False", now.review_id ?? ""].join(" ") === section.dataset.seen) return;
  const changed = section.querySelector(".changed");
  const [hash, withdrawn] = section.dataset.seen.split(" ");
  changed.querySelector(".what").textContent =
    now.withdrawn && withdrawn === "False" ? "it was withdrawn"
    : now.evidence_hash !== hash ? "it rests on other evidence"
    : (now.last ?? "it stands again");
  changed.hidden = false;
}

setInterval(look, LOOKS_AGAIN_MS);
document.addEventListener("visibilitychange", look);
addEventListener("focus", look);
