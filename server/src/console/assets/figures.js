// Figures as the server writes them: amounts, moments, spans.

/** `1 260 000` or `1 260 000,50` of whole tyiyn. */
export function tyiyn(amount) {
  const som = String(Math.floor(amount / 100)).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  const rest = amount % 100;
  return rest === 0 ? som : `${som},${String(rest).padStart(2, "0")}`;
}

/** `23.11.2026 10:30:07` in Bishkek, which is UTC+6 the whole year. */
export function moment(micros) {
  const iso = new Date(micros / 1_000 + 6 * 3_600_000).toISOString();
  return `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
}

/** `mm:ss`, with hours before it when there are any, and days, as `days` words their number. */
export function span(seconds, days) {
  const two = (count) => String(count).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600) % 24;
  const whole = Math.floor(seconds / 86_400);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (whole > 0) return `${days(whole)} ${hours}:${rest}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
