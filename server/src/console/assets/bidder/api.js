// Requests to the server, and what counts as its answer: a hotel's page answers 200 to anything.

const ANSWER_MS = 10_000;

/** The server's refusal, by its code. */
export class Refused extends Error {
  /** @param {{ code: string, params?: Record<string, string> }} problem @param {number} status */
  constructor({ code, params }, status) {
    super(code);
    this.code = code;
    this.params = params ?? {};
    this.status = status;
  }
}

/** Nobody answered, or somebody else did. */
export class NoAnswer extends Error {}

/** @type {string | null} */
let token = null;

/** @param {string | null} next */
export const useToken = (next) => (token = next);
/** Whether requests go out under this token. @param {string} other */
export const isToken = (other) => token === other;
export const authorization = () => (token ? { Authorization: `Bearer ${token}` } : {});

/**
 * Asks, and returns the server's answer as it is.
 * @param {string} method @param {string} path
 * @param {{ body?: any, raw?: BodyInit, headers?: Record<string, string>, timeout?: number }} [asked]
 * @returns {Promise<Response>}
 */
export async function request(method, path, { body, raw, headers = {}, timeout = ANSWER_MS } = {}) {
  const said = body === undefined ? {} : { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { ...authorization(), "Sync-Protocol": "2", ...said, ...headers },
      body: body === undefined ? raw : JSON.stringify(body),
      cache: "no-store",
      redirect: "error",
      credentials: "omit",
      signal: AbortSignal.timeout(timeout),
    });
  } catch (error) {
    throw new NoAnswer(String(error));
  }
  if (!answer.headers.has("Sync-Protocol")) throw new NoAnswer("another's answer");
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => null);
  if (!problem?.code) throw new NoAnswer(String(answer.status));
  throw new Refused(problem, answer.status);
}

/** As `request`, with the answer's content. @param {string} method @param {string} path @param {any} [asked] @returns {Promise<any>} */
export async function ask(method, path, asked) {
  const answer = await request(method, path, asked);
  if (answer.status === 204) return null;
  try {
    return await answer.json();
  } catch (error) {
    throw new NoAnswer(String(error));
  }
}
