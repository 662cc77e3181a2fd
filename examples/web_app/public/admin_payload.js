/** What the form says, as a payload: an empty field is left out. */
export function readPayload(form) {
  const value = (name) => form.elements[name].value.trim() || undefined;
  const actions = [1, 2].flatMap((place) => {
    const title = value(`action_${place}`);
    return title ? [{ action: `action_${place}`, title, url: value(`action_url_${place}`) }] : [];
  });
  return {
    title: value("title"),
    body: value("body"),
    url: value("url"),
    icon: value("icon"),
    image: value("image"),
    priority: value("priority"),
    ttl_seconds: Number(value("ttl")),
    collapse_key: value("collapse_key"),
    ...(actions.length > 0 && { actions }),
  };
}

/** Whom it is for; undefined as long as that is not said. */
export function readSegment(form) {
  const { audience, tags, user } = form.elements;
  const value = (field) => field.value.trim();
  if (audience.value === "tags") return value(tags) ? { tags: value(tags) } : undefined;
  if (audience.value === "user") return value(user) ? { user_ids: [value(user)] } : undefined;
  return {};
}
