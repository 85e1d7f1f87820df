// Promised times that pop up: closed once, they stay closed for that promise in this browser tab.
(() => {
  "use strict";
  const closed = () => JSON.parse(sessionStorage.getItem("fc-promises") || "[]");
  const hide = () => {
    const known = closed();
    document.querySelectorAll("[data-promise]").forEach((toast) => { if (known.includes(toast.dataset.promise)) toast.remove(); });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-promise-close]");
    if (!button) return;
    const toast = button.closest("[data-promise]");
    sessionStorage.setItem("fc-promises", JSON.stringify([...closed(), toast.dataset.promise].slice(-50)));
    toast.remove();
  });
  // A poll must not keep an unattended session alive: it rests where nobody has touched the page for a while, and looks at once when somebody is back.
  const place = document.getElementById("call-reminders");
  const RESTS = 20 * 60000;
  let touched = Date.now();
  const poll = () => {
    const asks = document.querySelector("dialog[open]");
    if (!place || asks || Date.now() - touched >= RESTS) return;
    window.htmx.ajax("GET", place.dataset.poll, { target: "#call-reminders", swap: "innerHTML" });
    // The list itself shows who is calling whom; it is left alone while a row is chosen with the keys.
    if (document.getElementById("call-rows") && !document.querySelector("tr.fc-row, select:focus")) {
      window.htmx.ajax("GET", location.href, { target: "#call-rows", select: "#call-rows", swap: "outerHTML" });
    }
  };
  ["pointerdown", "keydown", "wheel"].forEach((name) => document.addEventListener(name, () => {
    const back = Date.now() - touched >= RESTS;
    touched = Date.now();
    if (back) poll();
  }, { passive: true }));
  setInterval(poll, 30000);
  if (place && place.hasAttribute("data-now")) window.htmx.ajax("GET", place.dataset.poll, { target: "#call-reminders", swap: "innerHTML" });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "call-reminders") hide(); });
})();
