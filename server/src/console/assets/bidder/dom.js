// Elements from words and figures; text is always text, never markup.

/**
 * @param {string} tag @param {Record<string, any>} [attributes] A listener begins with `on`.
 * @param {...(Node | string | null | false | undefined)} children @returns {any}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return made;
}

/** Sets a text only if it differs: a screen reader would read it again. @param {any} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Runs an act of a button, whose presses do nothing meanwhile. Whether it is disabled stays the
 * page's own business: what the act has disabled is not enabled behind it.
 * @param {any} button @param {() => Promise<any>} act @param {(error: any) => void} failed
 */
export async function busy(button, act, failed) {
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
  try {
    await act();
  } catch (error) {
    failed(error);
  }
  button.removeAttribute("aria-busy");
  button.removeAttribute("aria-disabled");
}
