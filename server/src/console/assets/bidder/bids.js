// One bid: written down, signed, sent once. Without an answer it is asked for by its id and never
// sent again. Nothing here waits for a connection. (A browser may repeat a request by itself when a
// connection that it had kept ends without a byte: the same bytes with the same id, which is one bid.)

import { NoAnswer, Refused, ask } from "./api.js";
import { sign } from "./identity.js";
import { all, write } from "./store.js";
import { canCheckReceipts, isSound, receiptKey, receiptText } from "./wire.js";

const ANSWER_MS = 5_000;

/**
 * @typedef {{ auction: string, bid: any, state: "sending" | "unknown" | "accepted" | "refused" | "not_received" | "forged" | "not_decided",
 *   reason?: string, receipt?: any, verified?: boolean, unchecked?: boolean, at?: number }} Placed
 */

/** A bid could not be kept, and was not sent. */
export class NotSent extends Error {}

/** A UUID of version 7 at a moment of the server's, ms. @param {number} ms */
export function bidId(ms) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(ms / 0x1_0000));
  new DataView(bytes.buffer).setUint16(4, ms % 0x1_0000);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {Placed} placed */
async function keep(placed) {
  await write([["bids", placed.bid.bid, placed]]);
  return placed;
}

/** @param {any} session @param {Placed} placed @param {any} receipt @returns {Promise<Placed>} */
async function decided(session, placed, receipt) {
  const { body } = receipt;
  const { origin } = await receiptKey({ key: session.receipt_key });
  const { text } = receiptText({ receipt, origin });
  const own = body.bid === placed.bid.bid && body.amount === placed.bid.amount && body.auction === placed.auction;
  // A browser that can't check a signature has not found one wrong: it says so, without a tick.
  const unchecked = own && !(await canCheckReceipts());
  const verified = own && !unchecked && (await isSound(text, session.receipt_key).catch(() => false));
  if (!verified && !unchecked) return keep({ ...placed, state: "forged", receipt, verified });
  const checked = { receipt, verified, unchecked };
  if (body.decision === "accepted") return keep({ ...placed, state: "accepted", ...checked });
  const refused = body.decision.refused;
  const reason = typeof refused === "string" ? refused : Object.keys(refused)[0];
  return keep({ ...placed, state: "refused", reason, ...checked, at: body.decided_at });
}

/**
 * Sends the bid that the person confirmed.
 * @param {any} session @param {any} device @param {string} auction @param {any} offer @param {number} now Server time, µs.
 * @param {(placed: Placed) => void} told
 */
export async function place(session, device, auction, offer, now, told) {
  const bid = bidId(Math.floor(now / 1_000));
  const { amount, basis, epoch } = offer;
  const signed = { auction, person: session.person, device: session.device, bid, epoch, round: basis.round, price: basis.price, amount };
  const signature = await sign(device, "toruk/bid/v2", signed);
  const body = { bid, epoch, basis, amount, client_sent_at: now, signature };
  let placed;
  try {
    placed = await keep({ auction, bid: body, state: "sending" });
  } catch (error) {
    // Nothing is sent that could be forgotten here.
    throw new NotSent(String(error));
  }
  told(placed);
  try {
    const reply = await ask("POST", `/v1/auctions/${auction}/bids`, { body, timeout: ANSWER_MS });
    return await decided(session, placed, reply.receipt);
  } catch (error) {
    if (error instanceof Refused && error.code !== "unknown") return keep({ ...placed, state: "not_decided", reason: error.code });
    if (error instanceof Refused || error instanceof NoAnswer) return keep({ ...placed, state: "unknown" });
    throw error;
  }
}

/** Asks what became of a bid. @param {any} session @param {Placed} placed @returns {Promise<Placed>} */
export async function inquire(session, placed) {
  try {
    const reply = await ask("GET", `/v1/bids/${placed.bid.bid}`, { timeout: ANSWER_MS });
    return await decided(session, placed, reply.receipt);
  } catch (error) {
    if (error instanceof Refused && error.code === "not_found") return keep({ ...placed, state: "not_received" });
    if (error instanceof Refused || error instanceof NoAnswer) return placed;
    throw error;
  }
}

/** The bids of an auction, the latest last. One that was being sent when the page ended is unknown. @param {string} auction @returns {Promise<Placed[]>} */
export async function of(auction) {
  const own = (await all("bids")).filter((placed) => placed.auction === auction);
  return own.map((placed) => (placed.state === "sending" ? { ...placed, state: "unknown" } : placed));
}
