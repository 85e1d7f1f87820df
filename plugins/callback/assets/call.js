// The call window in the browser. Each answer is sent at once and counts as kept when the server has said so. What could not be sent (the session
// ended, the network failed) waits in order, is shown as waiting, and lies in this browser's storage until it has gone out, so that
// closing the window loses nothing either. What is shown, what wants a reason and where the score stands comes back with each answer.
(() => {
  "use strict";
  const root = document.getElementById("call");
  if (!root) return;

  const box = `fc-call:${root.dataset.login}:${root.dataset.call}`;
  const errorBox = root.querySelector("[data-error]");
  if (root.dataset.done === "true") tellLost();
  if (root.dataset.mine !== "true") return;

  const waitingBox = root.querySelector("[data-waiting]");
  const signIn = document.getElementById("fc-session");
  const later = document.getElementById("later");
  const items = () => [...root.querySelectorAll("[data-item]")];
  const shownItems = () => items().filter((item) => !item.hidden && !item.closest("[data-section]").hidden);
  const itemOf = (id) => root.querySelector(`[data-item="${CSS.escape(id)}"]`);

  let queue = load();
  let sending = false;
  let offline = false;
  let retry = 0;
  let leaving = false;

  // The call was finished elsewhere while answers still waited here: say so, once.
  function tellLost() {
    const lost = load();
    localStorage.removeItem(box);
    if (lost.length) showError(root.dataset.tLost.replace("{n}", lost.length));
  }
  function load() {
    try { return JSON.parse(localStorage.getItem(box) || "[]"); } catch { return []; }
  }
  function save() {
    try {
      if (queue.length) localStorage.setItem(box, JSON.stringify(queue)); else localStorage.removeItem(box);
    } catch { /* storage full or off: the answers still wait in the page */ }
    showWaiting();
  }
  function showWaiting() {
    const n = queue.length;
    const stuck = n > 0 && (offline || signIn.open);
    waitingBox.hidden = !stuck;
    waitingBox.textContent = (offline ? root.dataset.tOffline : root.dataset.tWaiting).replace("{n}", n);
    waitingBox.className = "badge bg-orange text-orange-fg align-self-center";
    items().forEach((item) => item.classList.toggle("is-waiting", queue.some((a) => a.item === item.dataset.item)));
  }
  function showError(text) {
    errorBox.textContent = text;
    errorBox.hidden = !text; // it sticks to the top of the window: seen wherever one has scrolled to
  }
  const sentence = (data, fallback) => {
    const error = data && (data.error || data.sentence);
    return typeof error === "string" ? error : (error && (error[document.documentElement.lang] || error.zh)) || fallback;
  };
  const post = (url, body) => fetch(url, {
    method: "POST", credentials: "same-origin", body,
    headers: { Accept: "application/json", "X-CSRF-Token": window.forecourt.token() },
  });
  const ended = (response) => response.status === 401 || response.status === 403;

  // ---- answers: out in the order in which they were given

  function enqueue(answer) {
    const first = sending ? 1 : 0;
    queue = queue.filter((a, i) => i < first || a.item !== answer.item);
    queue.push(answer);
    save();
    pump();
  }

  async function pump() {
    if (sending || signIn.open) return;
    sending = true;
    clearTimeout(retry);
    while (queue.length) {
      const answer = queue[0];
      let response;
      try { response = await post(root.dataset.answer, new URLSearchParams(answer)); } catch { response = null; }
      if (!response || response.status >= 500) {
        offline = true;
        retry = setTimeout(pump, 3000);
        if (response) await tellUnkept(response);
        break;
      }
      offline = false;
      if (ended(response)) { askToSignIn(); break; }
      const data = await response.json().catch(() => null);
      queue.shift();
      save();
      if (response.ok && data && data.ok) apply(data); else refused(answer, sentence(data, root.dataset.tRefused));
    }
    sending = false;
    save();
  }

  // The store cannot be written: the answer waits here as for a lost connection, and the server's sentence says whom to tell.
  async function tellUnkept(response) {
    const data = await response.json().catch(() => null);
    const text = sentence(data, "");
    if (text) showError(text);
  }

  // What the server does not take is not shown as if it were kept.
  function refused(answer, text) {
    goesOn = null;
    early = [];
    const item = itemOf(answer.item);
    if (item && !item.querySelector("[data-text]")) item.querySelectorAll(".fc-option").forEach((b) => mark(b, false));
    showError(text);
  }

  // The frame's dialog signs the same person in; when it closes, what waits goes out, then the result that was under way.
  let afterSignIn = null;
  function askToSignIn() {
    window.forecourt.signIn();
    const place = signIn.querySelector("[data-waiting]");
    if (place && queue.length) place.textContent = root.dataset.tWaiting.replace("{n}", queue.length);
    showWaiting();
  }
  signIn.addEventListener("close", () => {
    pump().then(() => { const go = afterSignIn; afterSignIn = null; if (go && !signIn.open) go(); });
  });

  // ---- what the server says of the sheet

  function apply(state) {
    for (const [id, open] of Object.entries(state.sections)) {
      const section = root.querySelector(`[data-section="${CSS.escape(id)}"]`);
      if (section) section.hidden = !open;
    }
    for (const [id, item] of Object.entries(state.items)) {
      const element = itemOf(id);
      if (!element) continue;
      element.hidden = !item.shown;
      element.classList.toggle("is-done", item.done);
      const reason = element.querySelector("[data-reason-box]");
      if (reason && !queue.some((a) => a.item === id)) reason.hidden = !item.ask_reason;
    }
    root.querySelector("[data-answered]").textContent = state.answered;
    root.querySelector("[data-total]").textContent = state.total;
    root.querySelector("[data-score]").textContent = state.score;
    showLeft(state.total - state.answered);
    showUnhappy(state);
    showError("");
    if (goesOn) goOn();
  }

  // Where the call is finished, out of sight of the counter: how many questions were gone past.
  const left = root.querySelector("[data-left]");
  function showLeft(n) {
    if (!left) return;
    left.hidden = n <= 0;
    left.textContent = root.dataset.tLeft.replace("{n}", n);
  }
  if (left) showLeft(Number(root.querySelector("[data-total]").textContent) - Number(root.querySelector("[data-answered]").textContent));

  let wantsComplaint = false;
  let problemTouched = false;
  const problem = document.getElementById("problem");
  if (problem) problem.addEventListener("input", () => { problemTouched = true; });

  // What the answers make serious opens a form whatever is chosen: it is proposed, and taken back with the answer.
  let proposed = false;
  function proposeSerious(serious) {
    const radio = root.querySelector("input[name=how][value=serious]");
    if (serious && !root.querySelector("input[name=how]:checked")) { radio.checked = true; proposed = true; }
    if (!serious && proposed && radio.checked) radio.checked = false;
    if (!serious) proposed = false;
  }
  function showUnhappy(state) {
    root.querySelector("[data-unhappy]").hidden = !(state.unhappy || wantsComplaint);
    root.querySelector("[data-serious]").hidden = !state.serious;
    if (!state.unhappy && !wantsComplaint) root.querySelectorAll("input[name=how]").forEach((input) => { input.checked = false; });
    proposeSerious(state.serious);
    if (!problemTouched && problem) problem.value = state.problem || "";
  }

  // ---- answering

  function chosen(item) {
    return [...item.querySelectorAll(".fc-option.active")].map((b) => b.dataset.value).join(",");
  }
  function mark(button, on) {
    button.classList.toggle("active", on);
    button.setAttribute("aria-pressed", String(on));
  }
  function send(item) {
    const text = item.querySelector("[data-text]");
    const reason = item.querySelector("[data-reason]");
    const answer = { item: item.dataset.item, value: text ? text.value : chosen(item) };
    if (reason && !item.querySelector("[data-reason-box]").hidden) answer.reason = reason.value || " ";
    enqueue(answer);
  }
  function choose(item, button) {
    if (item.dataset.kind === "multi") mark(button, !button.classList.contains("active"));
    else item.querySelectorAll(".fc-option").forEach((b) => mark(b, b === button));
    send(item);
  }
  root.addEventListener("click", (event) => {
    const option = event.target.closest(".fc-option");
    const item = event.target.closest("[data-item]");
    if (item) focusItem(item, false);
    if (option) choose(item, option);
  });

  const timers = new Map();
  const typed = (field) => field.matches("[data-text], [data-reason]");
  function sendSoon(field, ms) {
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => { timers.delete(field); send(field.closest("[data-item]")); }, ms));
  }
  root.addEventListener("input", (event) => { if (typed(event.target) && !event.isComposing) sendSoon(event.target, 500); });
  root.addEventListener("compositionend", (event) => { if (typed(event.target)) sendSoon(event.target, 500); });
  function flush() {
    for (const [field, timer] of timers) {
      clearTimeout(timer);
      timers.delete(field);
      send(field.closest("[data-item]"));
    }
  }
  root.addEventListener("focusout", (event) => { if (typed(event.target) && timers.has(event.target)) flush(); });

  // ---- the question in hand

  let current = null;
  function focusItem(item, scroll) {
    if (current) current.classList.remove("is-focus");
    current = item;
    if (!item) return;
    item.classList.add("is-focus");
    if (scroll && document.activeElement.closest("#finish, #results")) document.activeElement.blur();
    if (scroll) item.scrollIntoView({ block: "center" });
  }
  // A digit answers and goes on by itself, once the server has said which question is next: a digit or n pressed before that waits, for it is meant
  // for a question that may only come with the answer. Where a reason is wanted the cursor stands in it; who presses a digit or n within a moment
  // has none to write. More may be chosen: it stays. Who presses n all the same (within a moment) has not left a question out.
  const MOMENT = 1500;
  let goesOn = null;
  let wentOn = 0;
  let asked = 0;
  let early = [];
  let patience = 0;
  const quick = (key) => /^[0-9n]$/.test(key);
  function answerByKey(item, button) {
    choose(item, button);
    goesOn = item.dataset.kind === "multi" ? null : item;
  }
  function goOn() {
    const item = goesOn;
    goesOn = null;
    if (item === current && (offline || !queue.some((a) => a.item === item.dataset.item))) {
      const reason = item.querySelector("[data-reason-box]:not([hidden]) [data-reason]");
      if (reason && !early.length) { asked = Date.now(); reason.focus(); return; }
      stepItself();
    }
    playEarly();
  }
  function stepItself() {
    step(1);
    wentOn = Date.now();
  }
  // The server is away or slow: what the page shows as next has to do.
  function goOnUntold() {
    goesOn = null;
    stepItself();
    playEarly();
  }
  function waitAwhile() { patience = setTimeout(goOnUntold, offline ? 0 : MOMENT); }
  function playEarly() {
    clearTimeout(patience);
    while (early.length && !goesOn) play(early.shift());
    if (early.length) waitAwhile();
  }
  function keepEarly(key) {
    early.push(key);
    if (early.length === 1) waitAwhile();
  }
  function play(key) {
    if (key === "n") { next(); return; }
    const button = current && current.querySelector(`.fc-option[data-key="${key}"]`);
    if (button) answerByKey(current, button);
  }
  function next() {
    const soon = Date.now() - wentOn < MOMENT;
    wentOn = 0;
    if (!soon) step(1);
  }
  function step(by) {
    const list = shownItems();
    if (!current && by > 0) return; // past the last one
    const at = current ? list.indexOf(current) : list.length;
    const next = list[at + by];
    if (next) { focusItem(next, true); return; }
    if (by > 0) {
      focusItem(null);
      const how = unhappyPanel() && (root.querySelector("input[name=how]:checked") || root.querySelector("input[name=how]"));
      if (how) { how.scrollIntoView({ block: "center" }); how.focus(); return; }
      const finish = document.querySelector("[data-finish]");
      if (finish) { finish.scrollIntoView({ block: "center" }); finish.focus(); }
    }
  }
  const startAt = shownItems().find((item) => !item.classList.contains("is-done")) || shownItems()[0];
  focusItem(startAt || null, false);

  // ---- keys, by position; never while somebody types or an input method composes

  const typing = (target) => target.closest && target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  let afterG = 0;

  const unhappyPanel = () => root.querySelector("[data-unhappy]:not([hidden])");
  const laterError = later.querySelector("[data-later-error]");
  function openLater() {
    const day = document.getElementById("later-day");
    if (!day.value) day.value = root.dataset.today;
    laterError.hidden = true;
    later.showModal();
    document.getElementById("later-time").focus();
  }
  // r: the digits then mean results, until one is chosen or Escape is pressed.
  const results = root.querySelector("[data-results]");
  function openResults() {
    results.classList.add("is-open"); // only for the keys: what moves under a mouse is not clicked
    results.querySelector("button[name=code]").focus();
    results.scrollIntoView({ block: "nearest" });
  }
  function pickResult(event) {
    if (event.key === "Escape") { document.activeElement.blur(); return true; }
    if (!/^[0-9]$/.test(event.key)) return false;
    const button = results.querySelector(`[data-result-key="${event.key}"]`);
    if (button) { event.preventDefault(); button.click(); }
    return true;
  }
  results.addEventListener("focusout", (event) => { if (!results.contains(event.relatedTarget)) results.classList.remove("is-open"); });
  function pickHow(event) {
    const radio = event.target.name === "how" && root.querySelector(`input[name=how][data-key="${event.key}"]`);
    if (radio) { event.preventDefault(); radio.checked = true; radio.focus(); }
    return Boolean(radio);
  }
  function openComplaint() {
    wantsComplaint = true;
    root.querySelector("[data-unhappy]").hidden = false;
    const how = root.querySelector("input[name=how][value=complaint]");
    how.checked = true;
    problem.scrollIntoView({ block: "center" });
    problem.focus();
  }
  const undo = () => { const form = document.getElementById("undo"); if (form) form.requestSubmit(); };
  function intoField() {
    const field = current && current.querySelector("[data-text], [data-reason-box]:not([hidden]) [data-reason]");
    if (field) field.focus();
    return Boolean(field);
  }
  const keys = { p: () => step(-1), t: openLater, c: openComplaint, u: undo, r: openResults };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (typing(event.target)) { leaveField(event); return; }
    if (event.key === "g") { afterG = Date.now(); return; }
    if (Date.now() - afterG < 1000) { afterG = 0; return; }
    if (results.contains(event.target) && pickResult(event) || pickHow(event)) return;
    if (quick(event.key)) {
      event.preventDefault();
      if (goesOn) keepEarly(event.key); else play(event.key);
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    } else if (event.key === "Enter" && !event.target.closest("button, a, summary, label")) {
      if (intoField()) event.preventDefault();
    }
  });
  // Enter in a reason goes on to the next question, Escape back to the keys.
  function leaveField(event) {
    const field = event.target;
    if (!typed(field)) return;
    if (quick(event.key) && field.matches("[data-reason]") && !field.value && Date.now() - asked < MOMENT) {
      event.preventDefault();
      field.blur();
      stepItself();
      play(event.key);
      return;
    }
    if (event.key === "Escape") field.blur();
    if (event.key === "Enter" && field.matches("[data-reason]")) { event.preventDefault(); field.blur(); step(1); }
  }

  // ---- results: only after every answer is kept

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  async function drained() {
    flush();
    for (let i = 0; i < 50 && queue.length && !offline && !signIn.open; i += 1) { pump(); await pause(100); }
    return queue.length === 0;
  }
  // A double click is one result.
  let underWay = false;
  async function submit(form, button) {
    if (underWay) return;
    underWay = true;
    await sendResult(form, button).finally(() => { underWay = leaving; });
  }
  async function sendResult(form, button) {
    showError("");
    const again = () => submit(form, button);
    if (!(await drained())) {
      if (signIn.open) afterSignIn = again; else showError(root.dataset.tLeave.replace("{n}", queue.length));
      return;
    }
    const fields = new FormData(form);
    if (button && button.name) fields.set(button.name, button.value);
    fields.delete("_csrf");
    const panel = form.querySelector("[data-unhappy]");
    if (panel && panel.hidden) ["how", "problem", "department"].forEach((name) => fields.delete(name));
    const response = await post(form.action, new URLSearchParams(fields)).catch(() => null);
    if (!response) { showError(root.dataset.tFailed); return; }
    if (ended(response)) { afterSignIn = again; askToSignIn(); return; }
    const data = response.ok && response.redirected ? null : await response.json().catch(() => null);
    if (!response.ok) { refuse(form, sentence(data, root.dataset.tFailed)); return; }
    leaving = true;
    location.assign(response.redirected ? response.url : (data && data.redirect) || location.href);
  }
  // Said where one is looking: in the dialog, or at the choice that is missing.
  function refuse(form, text) {
    if (later.contains(form)) { laterError.textContent = text; laterError.hidden = false; return; }
    showError(text);
    const how = form.id === "finish" && unhappyPanel() && !form.querySelector("input[name=how]:checked") && form.querySelector("input[name=how]");
    if (how) how.focus();
  }
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-call-form]")) return;
    event.preventDefault();
    const question = event.submitter && event.submitter.dataset.confirm;
    if (!question || window.confirm(question)) submit(event.target, event.submitter);
  });

  // ---- small things

  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-left]")) focusItem(shownItems().find((item) => !item.classList.contains("is-done")) || null, true);
    if (event.target.closest("[data-open-later]")) openLater();
    if (event.target.closest("[data-open-complaint]")) openComplaint();
    if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
    const quick = event.target.closest("[data-in], [data-at]");
    if (quick) setLater(quick);
  });
  // The dealership's clock, not this computer's: what the server said when the page came, plus what has gone by since; China has one time zone.
  const cameAt = performance.now();
  const SHANGHAI = 8 * 3600000;
  function setLater(button) {
    let [day, time] = (button.dataset.at || "").split(" ");
    if (button.dataset.in) {
      const now = Number(root.dataset.now) + performance.now() - cameAt;
      [day, time] = new Date(now + Number(button.dataset.in) * 60000 + SHANGHAI).toISOString().slice(0, 16).split("T");
    }
    document.getElementById("later-day").value = day;
    document.getElementById("later-time").value = time;
  }
  document.querySelectorAll("#results input[name=phone]").forEach((radio) => radio.addEventListener("change", () => {
    const hidden = later.querySelector("input[name=phone]");
    if (hidden) hidden.value = radio.value;
  }));
  window.addEventListener("beforeunload", (event) => {
    flush();
    if (queue.length && !leaving) event.preventDefault();
  });
  window.addEventListener("online", pump);

  // What an earlier window could not send: shown as answered, and sent now.
  for (const answer of queue) {
    const item = itemOf(answer.item);
    if (!item) continue;
    const text = item.querySelector("[data-text]");
    if (text) text.value = answer.value;
    const values = answer.value.split(",");
    item.querySelectorAll(".fc-option").forEach((b) => mark(b, values.includes(b.dataset.value)));
  }
  proposeSerious(!root.querySelector("[data-serious]").hidden && Boolean(unhappyPanel()));
  save();
  pump();
})();
