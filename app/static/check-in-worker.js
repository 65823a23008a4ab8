// Keeps the check-in page of one workshop on the device while the workshop lasts, so that it opens without network.
// The copy lies in a cache named "check-in:<when it must go>:<path>"; the page makes it (check-in.js).
const path = new URL(self.registration.scope).pathname;
const mine = (name) => name.startsWith("check-in:") && name.endsWith(`:${path}`);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (request.mode === "navigate" && url.pathname === path) event.respondWith(page(request, url));
  else if (url.origin === location.origin && url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

// Everything that is kept goes: the workshop is over, or nobody is signed in here any more.
async function forget() {
  for (const name of (await caches.keys()).filter(mine)) await caches.delete(name);
}

async function kept() {
  const name = (await caches.keys()).find(mine);
  if (!name) return undefined;
  if (Number(name.split(":")[1]) > Date.now()) return (await caches.open(name)).match(path, { ignoreVary: true });
  await forget();
  return undefined;
}

async function page(request, url) {
  try {
    const answer = await fetch(request);
    const gone = answer.type === "opaqueredirect" || (answer.status === 404 && !url.searchParams.has("code"));
    if (gone) await forget();
    if (answer.status < 500) return answer;
    return (await kept()) ?? answer;
  } catch (error) {
    const copy = await kept();
    if (copy) return copy;
    throw error;
  }
}

async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
