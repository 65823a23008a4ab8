// Only comfort: every page works without this file.
const all = (what, act) => document.querySelectorAll(what).forEach(act);

// The summary of problems takes focus (here where the browser knows autofocus for fields only), and its links focus the field itself.
addEventListener("load", () => {
  if (document.activeElement === document.body) document.getElementById("problems")?.focus();
});
all("#problems a", (link) => link.addEventListener("click", (event) => {
  const field = document.getElementById(link.hash.slice(1));
  const target = field?.matches("fieldset") ? field.querySelector("input") ?? field : field;
  if (!target) return;
  event.preventDefault();
  target.focus({ focusVisible: true });
  (target.closest(".field") ?? target).scrollIntoView({ block: "start" });
}));

// An address can be copied with one press.
const offerCopying = () => all("[data-copy][hidden]", (button) => {
  if (!navigator.clipboard) return;
  const said = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = said; }, 3000);
  });
});
offerCopying();

// A form that only asks what to show is answered at once: the parts that it names are taken from the server's page, and the address follows.
all("form[data-live]", (form) => {
  let asked = 0;
  form.querySelector("button").hidden = true;
  form.addEventListener("change", async () => {
    const mine = ++asked;
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    try {
      const answer = await fetch(address);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked) return;
      form.dataset.live.split(" ").forEach((id) => document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes));
      history.replaceState(null, "", address);
      all(".tongues a", (link) => { link.search = location.search; });
      offerCopying();
    } catch { form.submit(); }
  });
});

// What the check-in keeps on a device goes when its workshop is over, and nobody signs out over presses that are not recorded.
const isOver = (name) => name.startsWith("check-in:") && Number(name.split(":")[1]) < Date.now();
const keeps = (() => { try { return localStorage; } catch { return {}; } })(); // a browser may forbid it
window.caches?.keys().then((names) => names.filter(isOver).forEach((name) => caches.delete(name))).catch(() => {});
Object.keys(keeps).filter(isOver).forEach((name) => keeps.removeItem(name));
all("[data-unsent]", (form) => form.addEventListener("submit", (event) => {
  const waits = Object.keys(keeps).some((name) => /^check-in-(queue|refused):/.test(name) && keeps[name] !== "[]");
  if (waits && !confirm(form.dataset.unsent)) event.preventDefault();
}));

// The menu and other pop-ups shut with Escape and with a press beside them.
const shut = (menu) => { menu.open = false; };
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  all(".menu[open]", (menu) => { shut(menu); menu.firstElementChild.focus(); });
});
document.addEventListener("click", (event) => all(".menu[open]", (menu) => menu.contains(event.target) || shut(menu)));

// An element with text in it, perhaps in another language.
const make = (name, parts, lang = "") => {
  const made = document.createElement(name);
  made.append(...parts);
  if (lang) made.lang = lang;
  return made;
};

// The other clocks are asked from the server while a day's times are typed: the words are the server's.
all("form[data-echo-url]", (form) => {
  let waiting;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    try {
      const fields = [...form.elements].filter((field) => field.name && field.closest("[data-echo]") && (field.type !== "radio" || field.checked));
      const query = new URLSearchParams(fields.map((field) => [field.name, field.value]));
      const answer = await fetch(form.dataset.echoUrl + "?" + query, { headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== asked) return;
      Object.entries(await answer.json()).forEach(([id, lines]) => {
        const place = document.getElementById(id);
        if (place?.matches("ul")) place.replaceChildren(...lines.map((pieces) => make("li", pieces.map(({ text, lang }) => lang ? make("span", [text], lang) : text))));
        else if (place) place.innerText = lines.join("\n");
      });
    } catch { /* offline: the words come after saving */ }
  };
  form.addEventListener("input", (event) => {
    if (!event.target.closest("[data-echo]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 300);
  });
});

// A question that hangs on the answer to another is shown once that one is answered so. The server asks the same.
const hanging = [...document.querySelectorAll("[data-only-if]")];
const fold = () => hanging.forEach((part) => {
  const boxes = [...document.getElementsByName(part.dataset.onlyIf)];
  part.hidden = !boxes.some((box) => box.checked && box.value === part.dataset.onlyIfValue && !box.closest("[hidden]"));
});
if (hanging.length) {
  fold();
  addEventListener("change", fold);
}

// What was typed and not sent is not lost without a word: the browser asks before it leaves. Each form that takes long to type says so.
all("form[data-guard]", (form) => {
  let open = form.dataset.guard === "typed";
  const ask = (event) => { if (open) event.preventDefault(); };
  if (open) addEventListener("beforeunload", ask);
  form.addEventListener("input", () => {
    open = true;
    addEventListener("beforeunload", ask);
  });
  form.addEventListener("submit", () => { open = false; });
  form.querySelectorAll("[data-leaves]").forEach((part) => part.addEventListener("click", () => { open = false; }));
});

// Typing is being here: the sign-in does not lapse under a long form.
let touched = Date.now();
addEventListener("input", () => {
  if (Date.now() - touched < 300000) return;
  touched = Date.now();
  fetch(location.href, { method: "HEAD" }).catch(() => {});
});
