/** Shows what a push carries, `{ notification: { title, …options } }`, then tells the open pages. */
self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function show({ title, ...options }) {
  await self.registration.showNotification(title, options);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage({ title, ...options });
}

function read(data) {
  if (!data) return { title: "Something new" };
  try {
    return data.json().notification;
  } catch {
    return { title: "Message", body: data.text() };
  }
}
