// What this browser keeps, in IndexedDB: on the disk before a page says that it is saved.

const NAME = "toruk-bidder";
/** By what is kept in each: its key. */
export const STORES = ["kept", "rows", "ops", "drafts", "files", "bids"];

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      // Another tab deletes or upgrades it: this one must not stand in the way.
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => (opened = null);
      resolve(request.result);
    };
  });
  return opened;
}

/** @param {IDBRequest} request @returns {Promise<any>} */
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** @param {string} store @param {IDBValidKey} key */
export async function get(store, key) {
  return done((await open()).transaction(store).objectStore(store).get(key));
}

/** All values of a store, in the order of their keys. @param {string} store */
export async function all(store) {
  return done((await open()).transaction(store).objectStore(store).getAll());
}

/**
 * Writes all or nothing, and returns when it is on the disk. A value of undefined deletes.
 * @param {[string, IDBValidKey, any][]} writes
 */
export async function write(writes) {
  const names = [...new Set(writes.map(([store]) => store))];
  const transaction = (await open()).transaction(names, "readwrite", { durability: "strict" });
  for (const [store, key, value] of writes) {
    const place = transaction.objectStore(store);
    if (value === undefined) place.delete(key);
    else place.put(value, key);
  }
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Forgets everything of the person; their devices' keys stay, which are of no use to another. */
export async function forget() {
  const database = await open();
  const names = STORES.filter((name) => name !== "kept");
  const transaction = database.transaction(names, "readwrite");
  names.forEach((name) => transaction.objectStore(name).clear());
  await write(["session", "cookie", "next_op_no"].map((key) => ["kept", key, undefined]));
}
