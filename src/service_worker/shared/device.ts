/** One place for page and worker, which share no other storage. */
const DATABASE = "pushmux";
const STORE = "device";

/**
 * The device's id, made on first use. Reading and writing are one transaction: page and worker that ask at once get
 * the same.
 */
export async function storedDeviceId(): Promise<string> {
  return inStore(async (store) => {
    const known: unknown = await answer(store.get("device_id"));
    if (typeof known === "string") return known;
    const made = crypto.randomUUID();
    await answer(store.put(made, "device_id"));
    return made;
  });
}

/** The key by which this device asks the server for what is pending; undefined before the server gave one. */
export async function storedDeviceKey(): Promise<string | undefined> {
  return inStore((store) => answer<string | undefined>(store.get("device_key")));
}

export async function storeDeviceKey(key: string): Promise<void> {
  await inStore((store) => answer(store.put(key, "device_key")));
}

async function inStore<T>(work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await answer(opening);
  try {
    return await work(database.transaction(STORE, "readwrite").objectStore(STORE));
  } finally {
    database.close();
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
