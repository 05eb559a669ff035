// A bidder's day through the types that `openapi-typescript` makes of `server/openapi.json`, with
// `openapi-fetch` as the client. `tests/guards/api` makes the types (`./toruk.ts`), has `tsc` check
// this file against them, and runs it in a town that `bindings host` wakes.

import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./toruk";

type Schema = components["schemas"];

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

const [server, desk] = [environment("TORUK_SERVER"), environment("TORUK_DESK")];
const auction = environment("TORUK_AUCTION");
const tus = { "Tus-Resumable": "1.0.0" } as const;
/** How long the server may take for what it does after its answer, ms. */
const PATIENCE = 20_000;

let token: string | undefined;
const api = createClient<paths>({ baseUrl: server });
api.use({
  onRequest({ request }) {
    if (token !== undefined) request.headers.set("authorization", `Bearer ${token}`);
  },
});

function expect(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(`not as expected: ${JSON.stringify(what)}`);
}

/** An answer's data, which must be there. */
function read<T>(answer: { data?: T; error?: unknown; response: Response }, status = 200): T {
  expect(answer.response.status === status, [answer.response.status, answer.error]);
  expect(answer.data !== undefined, answer.error);
  return answer.data;
}

async function post(path: string, body: unknown): Promise<any> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(desk + path, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  expect(answer.ok, text);
  return JSON.parse(text);
}

const town = (verb: string, what: object = {}) => post(`/town/${verb}`, what);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

const canonical = (kind: string, fields: unknown) =>
  Buffer.from(`${kind}\n${JSON.stringify(sorted(fields))}`);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

const device = randomUUID();
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signed = (bytes: Uint8Array) =>
  sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64");

function point(): string {
  const { x, y } = publicKey.export({ format: "jwk" });
  const parts = [x, y].map((part) => Buffer.from(part ?? "", "base64url"));
  return Buffer.concat([Buffer.from([4]), ...parts]).toString("base64");
}

async function register(): Promise<Schema["Session"]> {
  const person = { name: "Айда Өмүрзакова", language: "ky" as const };
  const { ceremony, options } = read(await api.POST("/v1/registrations", { body: person }));
  const credential: Schema["PublicKeyCredential"] = await post("/passkey/register", options);
  const proof = signed(canonical("toruk/device/v1", { ceremony, device, public_key: point() }));
  const phone = { id: device, platform: "terminal" as const, public_key: point() };
  const body = { ceremony, credential, device: phone, proof };
  return read(await api.POST("/v1/registrations/finish", { body }));
}

/** A passkey's confirmation of these bytes. */
async function confirmed(session: Schema["Session"], bytes: Buffer) {
  const publicKey = {
    challenge: sha256(bytes).toString("base64url"),
    rpId: session.rp_id,
    allowCredentials: [{ type: "public-key", id: session.credential_id }],
    userVerification: "required",
  };
  return { passkey: { credential: await post("/passkey/assert", { publicKey }) } };
}

async function upload(content: Buffer): Promise<Schema["FileRef"]> {
  const hash = sha256(content).toString("hex");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const about = `sha256 ${base64(hash)},mime ${base64("application/pdf")}`;
  const header = { ...tus, "Upload-Length": content.length, "Upload-Metadata": about };
  const announced = await api.POST("/v1/blobs", { params: { header } });
  expect(announced.response.status === 201, announced.error);
  const appended = await api.PATCH("/v1/blobs/{sha256}", {
    params: { path: { sha256: hash }, header: { ...tus, "Upload-Offset": 0 } },
    headers: { "content-type": "application/offset+octet-stream" },
    body: content as unknown as string,
    bodySerializer: (body) => body,
  });
  expect(appended.response.status === 204, appended.error);
  const [slot, mime, name] = ["identity_document", "application/pdf", "паспорт.pdf"];
  return { slot, sha256: hash, size_bytes: content.length, mime, name };
}

async function watch(): Promise<Schema["AuctionView"]> {
  return read(await api.GET("/v1/auctions/{id}", { params: { path: { id: auction } } }));
}

async function apply(session: Schema["Session"]): Promise<string> {
  const query = { limit: 1, sort: "price_desc" as const };
  const page = read(await api.GET("/v1/auctions", { params: { query } }));
  expect(page.items.length === 1 && page.items[0]?.id === auction, page);
  const view = await watch();
  const terms = canonical("", view.auction.terms).subarray(1);
  const content: Schema["ApplicationPayload"] = {
    auction,
    person: session.person,
    device,
    terms_version: view.auction.version,
    terms_hash: sha256(terms).toString("hex"),
    form: view.form.id,
    form_version: view.form.version,
    answers: {
      applicant_kind: "person",
      full_name: "Айда Өмүрзакова",
      pin: "00000000000001",
      phone: "+996700000001",
      address: "Бишкек, Чүй 1",
      refund_account: "0000000000000001",
      consent: "yes",
      independence: "yes",
    },
    files: [await upload(Buffer.from("%PDF-1.4\n% a passport\ntrailer << >>\n%%EOF\n"))],
  };
  const confirmation = await confirmed(session, canonical("toruk/application/v1", content));
  const operation = { submit_application: { package: content, confirmation } };
  const body = { ops: [{ op_no: 1, person: session.person, operation }] };
  const first = read(await api.POST("/v1/sync/push", { body })).outcomes[0]?.verdict;
  const again = read(await api.POST("/v1/sync/push", { body })).outcomes[0]?.verdict;
  expect(JSON.stringify(first) === JSON.stringify(again), "one operation, decided once");
  expect(typeof first === "object" && "submitted" in first, first);
  return first.submitted.application;
}

/** What a row of the kind `application` holds; rows are described in `sync/README.md`. */
type ApplicationRow = { application: { status: string } };

async function pay(application: string) {
  const body = { id: randomUUID(), channel: "wallet_code" as const };
  const path = { id: application };
  const intent = read(await api.POST("/v1/applications/{id}/payments", { params: { path }, body }));
  await town("bank_pays", { code: intent.code, amount: intent.amount });
  let cookie: string | null = null;
  for (const ends = Date.now() + PATIENCE; Date.now() < ends; ) {
    const asked: Schema["Pull"] = { cookie };
    const reply = read(await api.POST("/v1/sync/pull", { body: asked }));
    cookie = reply.cookie;
    const mine = reply.rows.filter((row) => row.k === "application");
    const status = mine.map((row) => (row.v as unknown as ApplicationRow).application.status);
    if (status.includes("eligible")) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error("the deposit is not credited");
}

/** A UUIDv7 (RFC 9562, section 5.7). */
function idInOrderOfTime(micros: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.floor(micros / 1000), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  const ends = [0, 8, 12, 16, 20, 32];
  return ends.slice(1).map((end, part) => hex.slice(ends[part], end)).join("-");
}

async function raise(session: Schema["Session"]): Promise<Schema["PlaceBid"]> {
  const view = await watch();
  const { round, terms, epoch } = view.auction;
  expect(round != null && terms != null, view.auction.status);
  const basis = { round: round.number, price: round.price };
  // The rule `bidding::required`: one step above the price.
  const told = { bid: idInOrderOfTime(view.server_time), epoch, amount: round.price + terms.minimal_step };
  const whose = { auction, person: session.person, device };
  const signature = signed(canonical("toruk/bid/v2", { ...told, ...basis, ...whose }));
  const body = { ...told, basis, client_sent_at: view.server_time, signature };
  const path = { id: auction };
  const first = read(await api.POST("/v1/auctions/{id}/bids", { params: { path }, body }), 201);
  expect(first.receipt.body.decision === "accepted", first);
  const again = read(await api.POST("/v1/auctions/{id}/bids", { params: { path }, body }), 201);
  expect(JSON.stringify(again.receipt) === JSON.stringify(first.receipt), "the same bid");
  return body;
}

async function readLog(): Promise<number> {
  let after = 0;
  for (;;) {
    const params = { path: { id: auction }, query: { after, limit: 2 } };
    const records = read(await api.GET("/v1/auctions/{id}/log", { params }));
    if (records.length === 0) return after;
    after += records.length;
  }
}

const session = await register();
token = session.token;
const application = await apply(session);
await town("moderator_admits");
await pay(application);
await town("rival_applies");
await town("time_passes", { until: "bidding" });
const placed = await raise(session);
await town("rival_raises");
const other = { ...placed, bid: idInOrderOfTime(placed.client_sent_at) };
const path = { id: auction };
const refused = await api.POST("/v1/auctions/{id}/bids", { params: { path }, body: other });
expect(refused.error?.code === "bad_signature", refused);
await town("seconds_pass", { count: 2 });
await raise(session);
await town("time_passes", { until: "close" });
expect((await readLog()) === (await watch()).seq, "the log has as many records");
const { protocol } = read(await api.GET("/v1/auctions/{id}/protocol", { params: { path } }));
const confirmation = await confirmed(session, canonical("toruk/protocol/v1", protocol));
const body = { confirm: { confirmation } };
const answered = await api.POST("/v1/auctions/{id}/award", { params: { path }, body });
expect(answered.response.status === 204, answered.error);
expect((await api.DELETE("/v1/sessions/current")).response.status === 204, "signed out");
const ended = await api.GET("/v1/auctions/{id}/protocol", { params: { path } });
expect(ended.error?.code === "signed_out", ended);
console.log("the generated TypeScript client had its day");
