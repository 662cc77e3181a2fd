// What a browser, and then somebody of the site, ask the servers of http_hono.mjs, http_fastify.mjs and http_express.mjs.

/**
 * @param {string} origin of the server
 * @param {import("pushmux/testing").WebPushService} service whose browser it is
 */
export async function visit(origin, service) {
  /** @param {string} path @param {object} body @param {Record<string, string>} headers */
  const post = async (path, body, headers = {}) => {
    const response = await fetch(`${origin}/push/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const { message } = /** @type {{ message: string }} */ (await response.json());
    console.log(`${path}: ${response.status} ${message}`);
  };
  const answer = await fetch(`${origin}/push/vapid-public-key`);
  const { publicKey } = /** @type {{ publicKey: string }} */ (await answer.json());
  const browser = service.createDevice({ vapid_public_key: publicKey });
  const { subscription } = browser;

  await post("subscribe", { subscription, device_id: "my browser" });
  await post("test", { subscription });
  const news = { device_id: "my browser", title: "Doors open", body: "Come in" };
  await post("send", news);
  await post("send", news, { authorization: "Bearer secret of the site" });
  await post("unsubscribe", { subscription });

  for (const { text } of browser.received) {
    const { notification } = JSON.parse(text ?? "");
    console.log(`shown: ${notification.title}`);
  }
}
