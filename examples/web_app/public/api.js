/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(status, message, field) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Asks the server: with a body a POST. Rejects with an ApiError only. */
export async function ask(path, body) {
  const response = await send(path, body);
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw refusal(response, answer);
}

/** The same for an answer in events, each of which is told as it comes: `onEvent(name, data)`. */
export async function askForEvents(path, body, onEvent) {
  const response = await send(path, body);
  if (!response.ok) throw refusal(response, await response.json().catch(() => ({})));
  let text = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ApiError(0, "The connection ended. Sending goes on: see History.");
    });
    if (done) return;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const [, name] = /^event: (.*)$/m.exec(event) ?? [];
      const [, data] = /^data: (.*)$/m.exec(event) ?? [];
      if (name && data) onEvent(name, JSON.parse(data));
    }
  }
}

async function send(path, body) {
  const post = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  return fetch(path, body === undefined ? {} : post).catch(() => {
    throw new ApiError(0, "The server cannot be reached.");
  });
}

function refusal({ status, headers }, { message = "The server made a mistake.", field }) {
  const wait = Number(headers.get("retry-after"));
  const when = status === 429 && wait ? ` (in ${Math.ceil(wait / 60)} min)` : "";
  return new ApiError(status, `${message}${when}`, field);
}
