// The server's clock, estimated from the browser's monotonic one: the same rule as the phones'. The
// wall clock is not used, so a wrong one changes nothing.

const DRIFT_DIVISOR = 10_000;
const UNCERTAINTY_MIN_US = 1_000;
const ONE_WAY_US = 1_000_000;

/** @typedef {{ offset: number, half: number, at: number }} Sample All in µs. */

/** The best estimate so far. Moments are µs of any monotonic clock. */
export class ServerClock {
  /** @type {Sample | null} */
  #best = null;
  #speed = 1;

  /** Sets the speed of the server's clock; a change voids the estimate. @param {number} speed */
  setSpeed(speed) {
    const wanted = Math.max(1, speed);
    if (wanted === this.#speed) return;
    this.#speed = wanted;
    this.#best = null;
  }

  /**
   * Takes in a four-stamp exchange. Returns whether the estimate changed.
   * @param {number} sent @param {{ received_at: number, sent_at: number }} server @param {number} received
   */
  exchanged(sent, server, received) {
    const [left, back] = [sent * this.#speed, received * this.#speed];
    const served = server.sent_at - server.received_at;
    const roundTrip = back - left - served;
    if (back < left || served < 0 || roundTrip < -UNCERTAINTY_MIN_US * this.#speed) return false;
    const offset = Math.trunc((server.received_at - left + (server.sent_at - back)) / 2);
    const half = Math.max(Math.trunc(Math.max(roundTrip, 0) / 2), UNCERTAINTY_MIN_US);
    return this.#offer({ offset, half, at: back });
  }

  /**
   * Takes in a time that the server sent unasked. Returns whether a new exchange is needed.
   * @param {number} server @param {number} at
   */
  received(server, at) {
    const moment = at * this.#speed;
    const least = server - moment;
    if (this.#best === null) {
      const half = Math.trunc((ONE_WAY_US * this.#speed) / 2);
      this.#best = { offset: least + half, half, at: moment };
      return true;
    }
    const off = least - this.#best.offset;
    return off > halfAt(this.#best, moment) || off < -60 * ONE_WAY_US * this.#speed;
  }

  /**
   * The server's time now, and its largest error; null before the first sample.
   * @param {number} at @returns {{ time: number, uncertainty: number } | null}
   */
  now(at) {
    if (this.#best === null) return null;
    const moment = at * this.#speed;
    return { time: Math.trunc(this.#best.offset + moment), uncertainty: halfAt(this.#best, moment) };
  }

  /** @param {Sample} sample */
  #offer(sample) {
    const best = this.#best;
    const standing = best && halfAt(best, sample.at);
    const contradicts = best && Math.abs(sample.offset - best.offset) > standing + sample.half;
    if (best && !contradicts && sample.half > standing) return false;
    this.#best = sample;
    return true;
  }
}

/** @param {Sample} sample @param {number} now */
function halfAt(sample, now) {
  return sample.half + Math.trunc(Math.max(now - sample.at, 0) / DRIFT_DIVISOR);
}

/** The browser's monotonic clock, µs. */
export const mono = () => Math.trunc(performance.now() * 1_000);
