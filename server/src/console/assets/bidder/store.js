// What this browser keeps, in IndexedDB: on the disk before a page says that it is saved.

const NAME = "toruk-bidder";
/** Raised when an app of an earlier release must not write beside this one. */
const VERSION = 2;
/** By what is kept in each: its key. */
export const STORES = ["kept", "rows", "ops", "drafts", "files", "bids"];

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => STORES.filter((name) => !request.result.objectStoreNames.contains(name))
      .forEach((name) => request.result.createObjectStore(name));
    request.onerror = () => {
      opened = null;
      reject(request.error);
    };
    request.onsuccess = () => {
      // Another tab upgrades it: this one is of an earlier release, and is loaded again.
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
        location.reload();
      };
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
  if (writes.length === 0) return undefined;
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

/** The keys of a store. @param {string} store */
export async function keys(store) {
  return done((await open()).transaction(store).objectStore(store).getAllKeys());
}

/** What outlives a person here: the language, and each account's device with its key. */
const STAYS = (key) => key === "language" || key.startsWith("device/");

/**
 * Forgets everything of the person and writes what comes instead, all or nothing. An account's device
 * stays: signing in again must not use up another of the account's few.
 * @param {[string, IDBValidKey, any][]} [instead]
 */
export async function forget(instead = []) {
  const gone = (await keys("kept")).filter((key) => !STAYS(key)).map((key) => ["kept", key, undefined]);
  const others = STORES.filter((name) => name !== "kept");
  const held = await Promise.all(others.map(async (name) => (await keys(name)).map((key) => [name, key, undefined])));
  await write([...gone, ...held.flat(), ...instead]);
}
