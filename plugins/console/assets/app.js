/* The console in the browser: what every page shares. Pages are made on the server; this file only keeps them company.
 *
 * Sessions end while people type. A request that is refused for that reason (401) is not lost: it is kept here, a dialog lets the same person sign
 * in without leaving the page, and what was kept goes out in its order. Requests of elements marked data-keep are also kept while the server does
 * not answer at all. window.forecourt is for the scripts of other plugins. */
"use strict";
(function () {
  const zh = document.documentElement.lang !== "en";
  const say = (a, b) => (zh ? a : b);
  const body = document.body;
  const base = body.dataset.base || "";

  /* ---------- toasts */
  function toast(sentence, tone) {
    const box = document.getElementById("fc-toasts");
    if (!box || !sentence) return;
    const one = document.createElement("div");
    one.className = "fc-toast" + (tone ? " fc-toast-" + tone : "");
    const text = document.createElement("div");
    text.textContent = sentence;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close btn-close-white";
    close.setAttribute("aria-label", say("关闭", "Close"));
    close.addEventListener("click", () => one.remove());
    one.append(text, close);
    box.append(one);
    setTimeout(() => one.remove(), tone === "bad" ? 12000 : 5000);
  }
  const pick = (t) => (t && typeof t === "object" ? (zh ? t.zh : t.en) || t.zh || t.en : t);
  body.addEventListener("toast", (e) => {
    const d = e.detail || {};
    toast(pick(d.text) || pick(d.value) || pick(d), d.tone);
  });

  /* The sentence of a refused request, whatever form the answer has. */
  function sentenceOf(xhr) {
    const type = xhr.getResponseHeader("Content-Type") || "";
    try {
      if (type.includes("json")) return pick(JSON.parse(xhr.responseText).error);
      const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
      const place = page.querySelector("[data-sentence]") || page.body;
      return place.textContent.trim().slice(0, 300);
    } catch (_) {
      return null;
    }
  }

  /* ---------- the security token */
  let csrf = JSON.parse(body.getAttribute("hx-headers") || "{}")["X-CSRF-Token"];
  function useToken(token) {
    if (!token) return;
    csrf = token;
    body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": token }));
    document.querySelectorAll('input[name="_csrf"]').forEach((i) => (i.value = token));
  }
  async function fetchToken() {
    const answer = await fetch(base + "/me", { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.body.dataset.login !== body.dataset.login) return location.reload();
    useToken(JSON.parse(page.body.getAttribute("hx-headers") || "{}")["X-CSRF-Token"]);
  }

  /* ---------- what waits */
  const kept = []; // {again: function that sends once more}
  const dialog = document.getElementById("fc-session");
  let retry = null;
  function showKept() {
    const n = kept.length;
    const place = dialog && dialog.querySelector("[data-waiting]");
    if (place) place.textContent = n ? say(`有 ${n} 项未提交，登录后自动补交`, `${n} unsent, goes out after signing in`) : "";
    let bar = document.getElementById("fc-kept");
    if (!retry && bar) bar.remove();
    if (!retry || !n) return;
    if (!bar) {
      bar = document.createElement("div");
      bar.id = "fc-kept";
      bar.className = "alert alert-warning alert-important fc-kept mb-0";
      bar.setAttribute("role", "status");
      body.append(bar);
    }
    bar.textContent = say(`连接中断，${n} 项内容保留在本页，恢复后自动提交。请不要关闭页面。`, `The connection is interrupted; ${n} entries wait in this page and go out by themselves. Keep the page open.`);
  }
  /* Only the newest entry of one element counts: a rating pressed twice is sent once. */
  function keep(key, again) {
    const at = kept.findIndex((k) => k.key === key && key);
    if (at >= 0) kept.splice(at, 1);
    kept.push({ key, again });
    showKept();
  }
  function sendKept() {
    const all = kept.splice(0);
    clearInterval(retry);
    retry = null;
    showKept();
    all.reduce((before, k) => before.then(k.again).catch(() => {}), Promise.resolve());
  }
  function waitForServer() {
    if (retry) return;
    retry = setInterval(() => fetch("/healthz", { cache: "no-store" }).then((a) => a.ok && sendKept(), () => {}), 3000);
    showKept();
  }
  window.addEventListener("beforeunload", (e) => {
    if (kept.length) e.preventDefault(); // a form on its way out has left the list by then
  });

  function askToSignIn() {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector("[name=password]").focus();
  }
  if (dialog) {
    dialog.addEventListener("cancel", (e) => e.preventDefault());
    dialog.querySelector("form").addEventListener("submit", async (e) => {
      e.preventDefault();
      const form = e.target;
      const wrong = form.querySelector("[role=alert]");
      const button = form.querySelector("[type=submit]");
      button.disabled = true;
      wrong.hidden = true;
      try {
        // Signed in again in another tab: nothing to ask for.
        if ((await fetch(base + "/now", { headers: { "HX-Request": "true" } })).ok) {
          await fetchToken();
          dialog.close();
          return sendKept();
        }
        const answer = await fetch("/sign-in", {
          method: "POST",
          headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams({ login: form.login.value, password: form.password.value }),
          redirect: "manual",
        });
        if (answer.ok || answer.type === "opaqueredirect") {
          if (form.login.value !== body.dataset.login) return location.reload();
          await fetchToken();
          form.password.value = "";
          dialog.close();
          sendKept();
        } else {
          const told = await answer.json().catch(() => ({}));
          wrong.textContent = pick(told.error) || say("用户名或密码不对。", "Login or password is wrong.");
          wrong.hidden = false;
          form.password.select();
        }
      } catch (_) {
        wrong.textContent = say("连不上服务器，请稍后再试。", "The server cannot be reached; try again in a moment.");
        wrong.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
  }

  /* ---------- htmx: refused requests */
  function again(config, element) {
    const here = element && element.isConnected ? element : body;
    return () => window.htmx.ajax(config.verb.toUpperCase(), config.path, {
      source: here, target: config.target && config.target.isConnected ? config.target : here,
      values: config.unfilteredValues || config.unfilteredParameters, headers: { "X-CSRF-Token": csrf },
    });
  }
  const keyOf = (d, values) => d.requestConfig.path + " " + (values.item || d.elt.name || d.elt.id || "");
  function plain(config) {
    const values = {};
    if (config.formData) for (const [k, v] of config.formData.entries()) (k in values ? (values[k] = [].concat(values[k], v)) : (values[k] = v));
    else Object.assign(values, config.parameters);
    delete values._csrf;
    return values;
  }
  function keepHtmx(d) {
    const config = d.requestConfig;
    config.unfilteredValues = plain(config);
    config.target = d.target;
    keep(keyOf(d, config.unfilteredValues), again(config, d.elt));
  }
  body.addEventListener("htmx:responseError", (e) => {
    const { xhr, requestConfig } = e.detail;
    if (xhr.status === 401) {
      if (requestConfig.verb !== "get") keepHtmx(e.detail);
      return askToSignIn();
    }
    const fallback = say("没有保存，请再试一次。", "This was not saved; try again.");
    toast((xhr.status < 500 && sentenceOf(xhr)) || (xhr.status >= 500 && sentenceOf(xhr)) || fallback, "bad");
  });
  body.addEventListener("htmx:sendError", (e) => {
    const { elt, requestConfig } = e.detail;
    if (requestConfig.verb !== "get" && elt.closest && elt.closest("[data-keep]")) {
      keepHtmx(e.detail);
      return waitForServer();
    }
    if (requestConfig.verb !== "get") toast(say("连不上服务器，刚才的操作没有保存。", "The server cannot be reached; the last action was not saved."), "bad");
  });
  /* Tokens in forms that came with the page may be older than the present session. */
  body.addEventListener("htmx:configRequest", (e) => {
    if (csrf) e.detail.headers["X-CSRF-Token"] = csrf;
    if (csrf && e.detail.parameters && e.detail.parameters._csrf) e.detail.parameters._csrf = csrf;
  });

  /* For scripts of other plugins: posts a form, goes on after a session's end, resolves with {status, text}. */
  async function post(path, values) {
    const answer = await fetch(base + path, {
      method: "POST", headers: { "X-CSRF-Token": csrf || "", "HX-Request": "true" }, body: new URLSearchParams(values),
    });
    if (answer.status !== 401) return { status: answer.status, text: await answer.text() };
    return new Promise((done) => {
      keep(null, () => post(path, values).then(done));
      askToSignIn();
    });
  }

  /* ---------- charts: an ECharts option made on the server; the library is fetched only where there is a chart */
  let library = null;
  function loadCharts() {
    library = library || new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = "/assets/console/echarts.min.js";
      script.onload = () => done(window.echarts);
      script.onerror = fail;
      document.head.append(script);
    });
    return library;
  }
  const palette = ["#206bc4", "#2fa36b", "#e8912d", "#c0392b", "#7a5cc4", "#3a9fb5", "#8a97a8"];
  async function drawCharts(root) {
    const places = [...root.querySelectorAll(".fc-chart[data-chart]")].filter((p) => !p.dataset.drawn);
    if (!places.length) return;
    const echarts = await loadCharts();
    for (const place of places) {
      place.dataset.drawn = "1";
      const option = JSON.parse(place.dataset.chart);
      const font = getComputedStyle(body).fontFamily;
      option.textStyle = Object.assign({ fontFamily: font, fontSize: 12 }, option.textStyle);
      option.color = option.color || palette;
      option.animation = false;
      option.tooltip = Object.assign({ trigger: option.radar ? "item" : "axis", confine: true }, option.tooltip, { renderMode: "richText" });
      if (!option.grid && !option.radar) option.grid = { left: 8, right: 16, top: option.legend ? 36 : 16, bottom: 8, containLabel: true };
      if (!place.getAttribute("role")) place.setAttribute("role", "img");
      const chart = echarts.init(place, null, { renderer: "canvas" });
      chart.setOption(option);
      new ResizeObserver(() => chart.resize()).observe(place);
      window.addEventListener("beforeprint", () => chart.resize());
    }
  }

  /* ---------- keys */
  const typing = (t) => t && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName)) && !/^(radio|checkbox|button|submit)$/.test(t.type);
  const helpDialog = document.getElementById("fc-keys");
  function openHelp() {
    if (helpDialog && !helpDialog.open) helpDialog.showModal();
  }
  function rows() {
    return [...document.querySelectorAll("main tbody tr")].filter((r) => r.querySelector("a[href]") && r.offsetParent);
  }
  function moveRow(step) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((r) => r.classList.contains("fc-row"));
    const next = list[Math.max(0, Math.min(list.length - 1, at + step))];
    list.forEach((r) => r.classList.remove("fc-row"));
    next.classList.add("fc-row");
    next.scrollIntoView({ block: "nearest" });
  }
  const areas = { h: "/", c: "/calls", f: "/forms", s: "/scripts" };
  let leader = 0;
  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    if (typing(e.target)) return e.key === "Escape" ? e.target.blur() : undefined;
    if (document.querySelector("dialog[open]")) return;
    if (e.key === "/") {
      const field = document.getElementById("fc-search");
      if (field) { e.preventDefault(); field.focus(); field.select(); }
    } else if (e.key === "?") {
      openHelp();
    } else if (leader && Date.now() - leader < 1200 && areas[e.key]) {
      const link = document.querySelector(`#fc-nav a[href="${base}${areas[e.key]}"]`);
      leader = 0;
      if (link) link.click();
    } else if (e.key === "g") {
      leader = Date.now();
    } else if (body.dataset.keys !== "own" && (e.key === "j" || e.key === "k")) {
      moveRow(e.key === "j" ? 1 : -1);
    } else if (e.key === "Enter") {
      const row = document.querySelector("tr.fc-row");
      if (row && e.target === body) row.querySelector("a[href]").click();
    }
  });

  /* ---------- clicks by attribute */
  document.addEventListener("click", (e) => {
    const of = (name) => e.target.closest && e.target.closest(`[${name}]`);
    if (of("data-print")) window.print();
    else if (of("data-keys")) openHelp();
    else if (of("data-back")) history.back();
    else if (of("data-close")) of("data-close").closest("dialog").close();
    else if (e.target === helpDialog) helpDialog.close();
    else {
      const row = of("data-href");
      if (row && !e.target.closest("a, button, input, select, textarea, label")) location.assign(row.dataset.href);
    }
  });
  /* A form is sent once: a second click on its button while the answer is under way does nothing. */
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method === "dialog" || form.closest("#fc-session") || e.defaultPrevented) return;
    const question = form.dataset.sent !== "go" && ((e.submitter && e.submitter.dataset.confirm) || form.dataset.confirm);
    if (question && !window.confirm(question)) return e.preventDefault();
    if (form.method !== "post" || form.hasAttribute("hx-post") || !body.dataset.login || form.getAttribute("action") === "/sign-out") return;
    if (form.dataset.sent === "go") return void (form.dataset.sent = "1");
    e.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
    sendForm(form, e.submitter);
  });
  /* A whole form leaves the page, so the session is looked at first: what was typed must not end on an error page. */
  async function sendForm(form, submitter) {
    const go = () => {
      form.dataset.sent = "go";
      form.requestSubmit(submitter && submitter.form === form ? submitter : undefined);
    };
    try {
      const answer = await fetch(base + "/now", { headers: { "HX-Request": "true" } });
      if (answer.status !== 401) return go();
      delete form.dataset.sent;
      keep(form, async () => go());
      askToSignIn();
    } catch (_) {
      delete form.dataset.sent;
      toast(say("连不上服务器，还没有提交，内容仍在本页。", "The server cannot be reached; nothing was sent and all is still here."), "bad");
    }
  }
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

  /* ---------- the clock and fresh numbers, while somebody works here (a poll must not keep an unattended session alive) */
  let touched = Date.now();
  ["pointerdown", "keydown", "wheel"].forEach((n) => document.addEventListener(n, () => (touched = Date.now()), { passive: true }));
  const idle = () => document.hidden || Date.now() - touched > 10 * 60000;
  function refresh() {
    if (idle() || (dialog && dialog.open)) return;
    const at = location.pathname.startsWith(base) ? location.pathname.slice(base.length) || "/" : "/";
    const nav = document.getElementById("fc-nav");
    if (nav) window.htmx.ajax("GET", nav.dataset.refresh + "?at=" + encodeURIComponent(at), { target: "#fc-nav", swap: "outerHTML" });
  }
  setInterval(refresh, 60000);
  /* The same for what a page asks for by itself again and again. */
  body.addEventListener("htmx:beforeRequest", (e) => {
    const config = e.detail.requestConfig;
    if (config.verb === "get" && !config.triggeringEvent && config.elt !== body && /every/.test(config.elt.getAttribute("hx-trigger") || "") && idle()) e.preventDefault();
  });
  const clock = document.querySelector("[data-clock]");
  if (clock) {
    const [h, m] = clock.textContent.split(":").map(Number);
    const begun = Date.now();
    setInterval(() => {
      const now = (h * 60 + m + Math.floor((Date.now() - begun) / 60000)) % 1440;
      clock.textContent = String(Math.floor(now / 60)).padStart(2, "0") + ":" + String(now % 60).padStart(2, "0");
    }, 10000);
  }

  document.addEventListener("DOMContentLoaded", () => drawCharts(document));
  if (document.readyState !== "loading") drawCharts(document);
  body.addEventListener("htmx:afterSettle", (e) => drawCharts(e.detail.elt.parentElement || document));

  window.forecourt = { toast, post, base, token: () => csrf, signIn: askToSignIn, refresh, say, typing };
})();
