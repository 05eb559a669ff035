// Answers of a form, as they are typed, kept and found wanting: the phones' rules.

const COUNTRY = "996";
const NATIONAL_DIGITS = 9;

/** Marks that nobody sees: by their category, or because they are drawn as nothing. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/gu;
const NAME_CHARS_MAX = 80;
const ENDINGS = { "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png" };

/** A typed answer without marks that nobody sees, in composed form. @param {string} typed */
export function clean(typed) {
  const lines = typed.replace(/\r\n|[\r\u0085\u2028\u2029]/g, "\n").replace(/\t/g, " ");
  return lines.split("\n").map((line) => line.replace(HIDDEN, "")).join("\n").normalize("NFC");
}

/** A file's name as it is signed: letters, digits and plain marks, with the ending of its kind. @param {string} name @param {string} mime */
export function fileName(name, mime) {
  const stem = name.normalize("NFC").replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{Decimal_Number} _()-]+/gu, "_");
  const short = [...stem.trim()].slice(0, NAME_CHARS_MAX).join("").trim();
  return `${short || "file"}.${ENDINGS[mime] ?? "bin"}`;
}

/** The international form of a number as it is typed in Kyrgyzstan; null where there can be none. @param {string} typed */
export function international(typed) {
  if ([...typed].length > 64) return null;
  const bare = typed.trim().replace(/[\s\-()./\u00a0\u2010-\u2015]/g, "");
  const digits = bare.startsWith("+") ? bare.slice(1) : withCountry(bare);
  if (digits === null || !/^[1-9][0-9]{8,14}$/.test(digits)) return null;
  if (!digits.startsWith(COUNTRY)) return `+${digits}`;
  let national = digits.slice(COUNTRY.length);
  // The 0 is dialled within the country, and is no part of the number.
  if (national.startsWith("0") && national.length === NATIONAL_DIGITS + 1) national = national.slice(1);
  return national.length === NATIONAL_DIGITS && !national.startsWith("0") ? `+${COUNTRY}${national}` : null;
}

/** @param {string} digits */
function withCountry(digits) {
  if (digits.startsWith("00")) return digits.slice(2);
  if (digits.startsWith("0")) return COUNTRY + digits.slice(1);
  if (digits.length === NATIONAL_DIGITS) return digits.startsWith(COUNTRY) ? null : COUNTRY + digits;
  return digits.startsWith(COUNTRY) ? digits : null;
}

/** An answer as it is kept and signed. @param {any} field @param {string} typed */
export function cleaned(field, typed) {
  const number = field.kind === "phone" ? international(typed) : null;
  return number ?? clean(typed);
}

const FIELD_BYTES_MAX = 8 * 1024;

/** The fault of one answer: missing, malformed or too_long; null if it has none. @param {any} field @param {string} typed */
export function fault(field, typed) {
  const answer = typed.trim();
  const { kind } = field;
  if (answer === "") return field.required ? "missing" : null;
  if (new TextEncoder().encode(answer).length > FIELD_BYTES_MAX) return "too_long";
  // What tells people apart, such as a name, is critical, and is one line.
  const lines = Boolean(kind.text) && !field.critical;
  if (clean(typed) !== typed || (!lines && typed.includes("\n"))) return "malformed";
  if (kind.text) return [...answer].length > kind.text.chars_max ? "too_long" : null;
  if (kind.digits) return new RegExp(`^[0-9]{${kind.digits.count}}$`).test(answer) ? null : "malformed";
  if (kind === "phone") return international(answer) === answer ? null : "malformed";
  if (kind.choice) return kind.choice.options.includes(answer) ? null : "malformed";
  return answer === "yes" ? null : "malformed";
}

/** Every fault of a form, by field or slot. @param {any} form @param {Record<string, string>} given @param {string[]} slots @returns {Record<string, string>} */
export function faults(form, given, slots) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const field of form.fields) {
    const wrong = fault(field, given[field.id] ?? "");
    if (wrong) found[field.id] = wrong;
  }
  for (const slot of form.slots) {
    if (slot.required && !slots.includes(slot.id)) found[slot.id] = "missing";
  }
  return found;
}
