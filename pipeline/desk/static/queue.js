// The queue by keyboard: j and k go through the alerts, Enter opens one (as of any link), c d m open its decision. And an
// address without what nobody chose.
import { onKeys } from "./keys.js";

const links = [...document.querySelectorAll("#alerts tbody th a")];

function move(by) {
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)];
  next?.focus();
  next?.closest("tr").scrollIntoView({ block: "nearest" });
}

function decide(decision) {
  const link = document.activeElement;
  if (!links.includes(link)) return false;
  location.assign(`${link.href}&decide=${decision}#decision`);
}

onKeys({
  j: () => move(1),
  k: () => move(-1),
  c: () => decide("confirmed"),
  d: () => decide("dismissed"),
  m: () => decide("needs_more"),
});

// What was recorded needs no draft any more.
const decided = document.querySelector(".decided");
if (decided && sessionStorage.getItem("coalwatch sent") === decided.dataset.alert) {
  localStorage.removeItem(`coalwatch draft ${decided.dataset.alert}`);
  sessionStorage.removeItem("coalwatch sent");
}

const form = document.querySelector("form.filters");
const usual = [...form.querySelectorAll("[name=col]")].filter((box) => box.checked).map((box) => box.value).join();
const chosen = new URLSearchParams(location.search).has("col");
form.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  if (!chosen && event.formData.getAll("col").join() === usual) event.formData.delete("col");
});
