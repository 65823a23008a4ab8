// The door without network: presses are kept on the device with the time and a name of their own, and sent when they can be.
// Only numbers of registrations are kept in the queue. What the server does not record is kept beside it, with the server's words,
// until somebody has dealt with it. Without this file the page is plain forms.
const form = document.getElementById("people");
if (form) start();

function start() {
  const { path, taps, worker, until, made } = form.dataset;
  const queueKey = `check-in-queue:${path}`;
  const refusedKey = `check-in-refused:${path}`;
  const knownKey = `check-in:${until}:${path}`;
  const cacheName = `check-in:${until}:${path}`;
  const rows = [...form.querySelectorAll("li")];
  const byCode = new Map(rows.map((row) => [row.dataset.code, row]));
  const q = document.getElementById("q");
  const count = document.getElementById("count");
  const unsent = document.getElementById("unsent");
  const refusals = document.getElementById("refused");
  const said = document.getElementById("said");
  const slot = chosenSlot();
  let sending = false;
  let signedOut = false;

  // Words and names ------------------------------------------------------------------------------------------------
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Map(rows.map((row) => [row, fold(row.firstElementChild.textContent)]));
  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
  const nameOf = (row) => row.querySelector("bdi").textContent;
  const number = (row) => Number(row.id.slice(1));
  const read = (key, empty) => {
    try { return JSON.parse(localStorage.getItem(key)) ?? empty; } catch { return empty; }
  };
  const write = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; /* no room: it stays in this page */ }
  };
  const presses = (name) => [read(name, [])].flat().filter((tap) => typeof tap?.key === "string");
  let queue = presses(queueKey);
  let refused = presses(refusedKey);
  let kept = true;
  const keep = () => { kept = write(refusedKey, refused) && write(queueKey, queue); }; // refused first: nothing is lost in between
  // Each code that a telephone's own camera reads opens one more of these pages: what another has written stays.
  const reread = () => { if (kept) [queue, refused] = [presses(queueKey), presses(refusedKey)]; };
  addEventListener("storage", (event) => { if ([queueKey, refusedKey].includes(event.key)) { reread(); show(); } });

  // The slot of the address, else the last that has begun: the copy that opens without network may be of another half-day.
  function chosenSlot() {
    const all = Object.values(document.getElementById("slots").dataset).map((text) => text.split(" "));
    const wanted = new URLSearchParams(location.search).get("slot");
    const found = all.find(([code]) => code === wanted);
    const begun = all.filter(([code, opens]) => !code.startsWith("s") && Number(opens) <= Date.now());
    const code = (found ?? begun.sort((a, b) => a[1] - b[1]).at(-1) ?? [form.dataset.slot])[0];
    if (code !== form.dataset.slot) document.querySelectorAll("#slots a").forEach((link) => {
      const here = new URL(link.href).searchParams.get("slot") === code;
      if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
      if (here) document.querySelector("#slots summary span").textContent = link.textContent;
    });
    return code;
  }

  // What the server knows, as far as this device has heard, and over it what still waits.
  const known = read(knownKey, null);
  const knows = (here) => rows.forEach((row) => {
    row.dataset.here = Object.keys(here).filter((code) => here[code].includes(number(row))).join(" ");
  });
  if (known && known.at > Number(made)) knows(known.here);
  const isHere = (row) => {
    const mine = queue.filter((tap) => tap.registration === number(row) && tap.slot === slot);
    return mine.length ? mine.at(-1).present : row.dataset.here.split(" ").includes(slot);
  };

  function show() {
    let here = 0;
    rows.forEach((row) => {
      const there = isHere(row);
      here += there;
      row.querySelectorAll("button").forEach((button) => { button.hidden = (button.name === "here") === there; });
      const waits = queue.some((tap) => tap.registration === number(row));
      row.querySelector(".waits")?.remove();
      if (waits) row.firstElementChild.append(Object.assign(document.createElement("small"), { className: "waits", textContent: form.dataset.kept }));
    });
    count.textContent = fill(count.dataset.words, { here, total: rows.length });
    unsent.hidden = !queue.length;
    unsent.textContent = queue.length ? fill(signedOut ? unsent.dataset.out : unsent.dataset.words, { number: queue.length }) : "";
    showRefused();
  }

  function showRefused() {
    const wall = document.documentElement.lang.replace(/^en$/, "en-GB"); // the day first, as elsewhere here
    refusals.hidden = !refused.length;
    refusals.querySelector("ul").replaceChildren(...refused.map((tap) => {
      const row = rows.find((one) => number(one) === tap.registration);
      const name = row ? nameOf(row) : tap.name || "?";
      const at = Number.isFinite(tap.at) ? new Date(tap.at).toLocaleString(wall, { dateStyle: "medium", timeStyle: "short" }) : "";
      const line = Object.assign(document.createElement("p"), { textContent: `${fill(tap.present ? form.dataset.here : form.dataset.gone, { name })} ${at}` });
      const why = Object.assign(document.createElement("small"), { textContent: tap.words });
      const away = Object.assign(document.createElement("button"), { type: "button", className: "button button-second", textContent: refusals.dataset.away });
      away.append(Object.assign(document.createElement("span"), { className: "hidden-words", textContent: ` ${name}` }));
      away.addEventListener("click", () => {
        reread();
        refused = refused.filter((one) => one.key !== tap.key);
        keep();
        show();
        q.focus();
      });
      const item = document.createElement("li");
      const both = document.createElement("div");
      both.append(line, why);
      item.append(both, away);
      return item;
    }));
  }

  function filter() {
    const asked = fold(q.value).split(/\s+/).filter(Boolean);
    rows.forEach((row) => { row.hidden = !asked.every((word) => words.get(row).includes(word)); });
    document.getElementById("none").hidden = rows.some((row) => !row.hidden);
  }

  // `more`: a button or link beside the words.
  function say(text, more, kind = "told") {
    const box = document.createElement("div");
    box.className = `banner banner-${kind} said`;
    box.append(Object.assign(document.createElement("p"), { textContent: text }), ...(more ? [more] : []));
    said.replaceChildren(...(kind === "told" ? [] : said.querySelectorAll(".banner-cancelled")), box);
  }

  // Pressing ------------------------------------------------------------------------------------------------------
  function press(row, present, source) {
    const { way } = form.dataset;
    reread();
    queue.push({ key: crypto.randomUUID(), registration: number(row), slot, present, source, way, at: Date.now() });
    keep();
    show();
    const back = document.createElement("button");
    back.type = "button";
    back.className = "button button-second";
    back.textContent = row.querySelector("[name=undo]").firstChild.textContent;
    back.addEventListener("click", () => press(row, false, "list"));
    say(fill(present ? form.dataset.here : form.dataset.gone, { name: nameOf(row) }), present ? back : null);
    send();
  }

  const pressed = (source) => (event) => {
    const row = document.getElementById(`p${event.submitter?.value}`);
    if (!row) return;
    event.preventDefault();
    document.getElementById("card")?.remove();
    press(row, event.submitter.name === "here", source);
    row.querySelector("button:not([hidden])").focus();
  };
  form.addEventListener("submit", pressed("list"));
  document.querySelector("#card form")?.addEventListener("submit", pressed("scan"));

  const codeIn = (text) => {
    const found = /[?&]code=([^&#]*)/.exec(text);
    const plain = (found ? found[1] : text).replace(/[\s-]/g, "").toUpperCase();
    return /^[A-HJ-NP-Z2-9]{8}$/.test(plain) ? plain : "";
  };

  function scan(code) {
    const row = byCode.get(code);
    if (!row) {
      const link = Object.assign(document.createElement("a"), { href: `${path}?code=${code}`, textContent: form.dataset.look });
      say(`${form.dataset.nobody}: ${code}`, link, "asks");
    } else if (isHere(row)) say(fill(form.dataset.already, { name: nameOf(row) }));
    else press(row, true, "scan");
    navigator.vibrate?.(row ? 80 : [80, 60, 80]);
  }

  // A code that is typed, or sent by a scanner that acts as a keyboard, checks in at once; a name leads to its button.
  document.getElementById("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = codeIn(q.value);
    if (code && !("ahead" in form.dataset) && (byCode.has(code) || /\d/.test(code) || q.value.includes("code="))) {
      scan(code);
      q.value = "";
      filter();
      return;
    }
    filter();
    const seen = rows.filter((row) => !row.hidden);
    if (seen.length === 1) seen[0].querySelector("button:not([hidden])")?.focus();
  });
  q.addEventListener("input", filter);

  // Sending -------------------------------------------------------------------------------------------------------
  async function send(always = false) {
    reread();
    if (sending || (!queue.length && !always)) return;
    sending = true;
    const now = Date.now();
    const batch = queue.slice(0, 200);
    const body = { taps: batch.map(({ at, ...tap }) => ({ ...tap, age: Math.max(0, (now - at) / 1000) })) };
    try {
      let answer = await post(body);
      if (answer.status === 403 && await newToken()) answer = await post(body);
      signedOut = answer.redirected || answer.status === 401;
      if (answer.ok && !signedOut) take(await answer.json(), now);
      else if (answer.status === 422) say((await answer.json()).problem, null, "asks"); // none was read, so all stay here
    } catch { /* no network: it waits */ }
    sending = false;
    show();
    if (queue.length && batch.length && !queue.some((tap) => tap.key === batch[0].key)) send();
  }

  const post = (body) => fetch(taps, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15000),
  });

  // The copy on the device may carry the token of an older sign-in.
  async function newToken() {
    const answer = await fetch(path);
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("#people [name=csrf_token]")?.value;
    if (token) form.elements.csrf_token.value = token;
    return Boolean(token);
  }

  function take(told, at) {
    const done = new Map(told.done.map((one) => [one.key, one]));
    reread();
    const answered = queue.filter((tap) => done.has(tap.key));
    const bad = answered.filter((tap) => ["refused", "missing"].includes(done.get(tap.key).what));
    const there = new Set(refused.map((tap) => tap.key));
    refused.push(...bad.filter((tap) => !there.has(tap.key)).map((tap) => ({ ...tap, name: done.get(tap.key).name, words: done.get(tap.key).words })));
    queue = queue.filter((tap) => !done.has(tap.key));
    keep();
    if (told.token) form.elements.csrf_token.value = told.token;
    if (told.here) {
      write(knownKey, { at, here: told.here });
      knows(told.here);
    }
    told.done.filter((one) => one.what === "later").forEach((one) => say(`${form.dataset.refused}: ${one.words}`, null, "cancelled"));
  }

  addEventListener("online", () => send());
  document.addEventListener("visibilitychange", () => document.hidden || send(true));
  setInterval(send, 10000);

  // Keeping the page, until the workshop is over --------------------------------------------------------------------
  async function keepPage() {
    if (!navigator.serviceWorker || !window.caches) return;
    await navigator.serviceWorker.register(worker);
    for (const name of await caches.keys()) if (name.endsWith(`:${path}`) && name !== cacheName) await caches.delete(name);
    const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((part) => part.href || part.src);
    const fonts = performance.getEntriesByType("resource").map((one) => one.name).filter((name) => /\/static\/(fonts|icons)/.test(name));
    const copy = await fetch(path);
    if (!copy.ok || copy.redirected) return;
    const cache = await caches.open(cacheName);
    await cache.put(path, copy);
    await cache.addAll([...new Set([...parts, ...fonts])]);
    form.dataset.ready = "";
  }
  if (Number(until) > Date.now()) keepPage().catch(() => {});

  // The camera ----------------------------------------------------------------------------------------------------
  const camera = document.getElementById("camera");
  const lens = document.getElementById("lens");
  if ("BarcodeDetector" in window && navigator.mediaDevices && !("ahead" in form.dataset)) {
    BarcodeDetector.getSupportedFormats().then((formats) => { camera.hidden = !formats.includes("qr_code"); });
  }
  let stream = null; // the light beside the lens is on exactly as long as there is one
  const label = camera.textContent;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    lens.hidden = true;
    camera.textContent = label;
  };
  camera.addEventListener("click", async () => {
    if (stream) return stop();
    camera.disabled = true; // pressed twice while the browser asks, it would be opened twice and closed once
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch { return say(camera.dataset.none, null, "asks"); } finally { camera.disabled = false; }
    const mine = stream;
    if (document.hidden) return stop();
    mine.getTracks().forEach((track) => track.addEventListener("ended", () => mine === stream && stop()));
    lens.srcObject = stream;
    lens.hidden = false;
    camera.textContent = camera.dataset.stop;
    await lens.play().catch(() => {}); // stopped before the first picture
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    let last = "";
    let seen = 0;
    while (stream === mine) {
      const found = await detector.detect(lens).catch(() => []);
      const code = stream === mine ? codeIn(found[0]?.rawValue ?? "") : "";
      if (code && (code !== last || Date.now() - seen > 4000)) scan(code);
      if (code) [last, seen] = [code, Date.now()];
      await new Promise((done) => { setTimeout(done, 200); });
    }
    return undefined;
  });
  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => document.hidden && stop());

  const asked = codeIn(new URLSearchParams(location.search).get("code") ?? "");
  if (asked && !document.getElementById("card")) { // the copy of the page, opened by a code: the one person, with the button
    q.value = asked;
    filter();
  }
  show();
  send();
}
