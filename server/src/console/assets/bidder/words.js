// Words, amounts and moments in the language of the page.

import { moment, span, tyiyn } from "../figures.js";

export const LANGUAGES = { ky: "Кыргызча", ru: "Русский", en: "English" };

/** @param {string | null | undefined} kept @returns {"ky" | "ru" | "en"} */
export function language(kept) {
  const wished = [kept, ...navigator.languages].map((tag) => String(tag ?? "").slice(0, 2).toLowerCase());
  return /** @type {any} */ (wished.find((tag) => tag in LANGUAGES) ?? "ky");
}

/** @param {"ky" | "ru" | "en"} tag */
export async function load(tag) {
  const { default: texts } = await import(`./words/${tag}.js`);
  /** @param {string} key @param {Record<string, any>} [values] */
  const text = (key, values = {}) =>
    (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  /** The text of a code, or of any code. @param {string} prefix @param {string} code */
  const code = (prefix, code) => texts[`${prefix}_${code}`] ?? texts[`code_${code}`] ?? text("other_code", { code });
  return {
    tag,
    text,
    code,
    /** @param {number} amount */
    som: (amount) => text("amount", { figures: tyiyn(amount) }),
    /** @param {number} at µs */
    at: (at) => moment(at),
    /** @param {number} left µs */
    left: (left) => span(Math.max(0, Math.floor(left / 1_000_000)), (days) => text("countdown_days", { days, left: "" }).trim()),
    /** A text that a lot or a form has in several languages. @param {any} given */
    of: (given) => given?.[tag] ?? given?.ky ?? given?.ru ?? given?.en ?? "",
    /** What went wrong, in words. @param {any} error */
    failure(error) {
      if (error?.code) return code("code", error.code);
      if (error?.name === "QuotaExceededError") return text("web_storage_full");
      if (error?.name === "NotAllowedError") return text("code_cancelled");
      return text(error?.name === "NoAnswer" || error?.constructor?.name === "NoAnswer" ? "offline" : "error_internal");
    },
  };
}
