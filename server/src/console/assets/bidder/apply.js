// The application: the server's own form, kept in this browser as it is typed, signed by passkey and
// queued. Queued is not submitted, and the page says so in those words.

import * as answers from "./answers.js";
import { busy, el, say } from "./dom.js";
import * as drafts from "./draft.js";
import { confirm } from "./passkey.js";
import { draft, fileFate, rejection, settledDraft } from "./outbox.js";
import { attach, edit, enqueue } from "./sync.js";
import { canonical, hexOf, sha256, utf8 } from "./wire.js";

const FILE_BYTES_MAX = 20 * 1024 * 1024;
/** How long a pause in typing is until the answer is written down. */
const TYPED_MS = 400;
const KINDS = ["application/pdf", "image/jpeg", "image/png"];

/** @param {any} state */
export function applyPart(state) {
  const { words, view, session, id } = state;
  const { form } = view;
  const status = el("p", { class: "notice", role: "status", hidden: true, "data-submit": true });
  const saved = el("p", { class: "muted", role: "status", "data-saved": true }, words.text("kept_as_typed"));
  const failure = el("p", { class: "notice bad", role: "alert", hidden: true });
  const submit = el("button", { type: "submit", "data-apply": true }, words.text("submit"));
  const controls = new Map();
  if (state.amended) {
    failure.hidden = false;
    say(failure, words.text("code_terms_changed"));
  }
  const failed = (error) => {
    failure.hidden = false;
    say(failure, words.failure(error));
  };
  /** @type {Map<string, string | null>} What stands in the form, as it is kept. */
  const stands = new Map();
  /** @type {Map<string, string | null>} Answers that are not on the disk yet, by field. */
  const unsaved = new Map();
  /** @type {Map<string, string | null>} Those that are being written just now. */
  let written = new Map();
  // What is being written is not on the disk yet either.
  const isSaved = () => unsaved.size === 0 && written.size === 0;
  let timer = 0;
  let saving = Promise.resolve(true);

  /** Writes what is unsaved; false if it could not be. */
  async function store() {
    if (unsaved.size === 0) return true;
    written = new Map(unsaved);
    unsaved.clear();
    try {
      await edit(session, id, (own) => [...written].reduce(
        (part, [field, value]) => drafts.merge(part, drafts.set(own, field, value, session.actor)), {}));
    } catch (error) {
      // It is tried again with the next answer, and before anything is signed.
      for (const [field, value] of written) if (!unsaved.has(field)) unsaved.set(field, value);
      written.clear();
      failed(error);
      return false;
    }
    written.clear();
    failure.hidden = true;
    if (isSaved()) say(saved, words.text("web_saved_here"));
    await draw();
    state.again();
    return unsaved.size === 0;
  }
  /** Writes one after another: of two answers to one question the later one stays. */
  const flush = () => {
    clearTimeout(timer);
    saving = saving.then(store, store);
    return saving;
  };
  const keep = (field, typed, pause = 0) => {
    const value = answers.cleaned(field, typed);
    unsaved.set(field.id, value === "" ? null : value);
    stands.set(field.id, value);
    say(saved, words.text("kept_as_typed"));
    clearTimeout(timer);
    if (pause === 0) flush();
    else timer = setTimeout(flush, pause);
  };
  const left = () => document.visibilityState === "hidden" && flush();
  document.addEventListener("visibilitychange", left);
  const fields = form.fields.map((field) => control(words, field, (typed, pause) => keep(field, typed, pause), controls));
  const slots = form.slots.map((slot) => fileControl(words, slot, async (picked) => {
    if (picked.size > FILE_BYTES_MAX) return failed({ code: "too_large" });
    if (!KINDS.includes(picked.type)) return failed({ code: "file_unknown" });
    const put = () => attach(session, id, slot.id, picked).then(() => true, (error) => (failed(error), false));
    say(saved, words.text("kept_as_typed"));
    saving = saving.then(put, put);
    if (!(await saving)) return undefined;
    if (isSaved()) say(saved, words.text("web_saved_here"));
    await draw();
    return state.again();
  }, controls));
  const element = el("form", { class: "card fields", novalidate: true },
    el("h2", {}, words.text("screen_application")), saved, ...fields, ...slots, failure, status,
    el("p", { class: "muted" }, words.text("web_guarantee_first", { amount: words.som(view.auction.terms.guarantee) })), submit);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    failure.hidden = true;
    busy(submit, async () => {
      // What is signed is what the person sees: every answer is on the disk first.
      if (!(await flush())) return;
      const { state: own } = await settledDraft(session, id);
      if (!isShown(own)) {
        await draw({ all: true });
        failure.hidden = false;
        return say(failure, words.text("web_changed_elsewhere"));
      }
      const wrong = answers.faults(form, drafts.answers(own), drafts.files(own).map(({ slot }) => slot));
      // Of two answers somebody has to choose: the server takes none of them.
      for (const field of drafts.conflicts(own)) if (isCritical(field)) wrong[field] ??= "conflict";
      showFaults(words, controls, wrong);
      if (Object.keys(wrong).length > 0) return;
      // By the terms that this form was shown with: the server says if they have changed.
      await enqueue(session, await signed({ ...state, view }, own));
      await state.again();
      await draw();
    }, failed);
  });

  const isCritical = (id) => form.fields.some((field) => field.id === id && field.critical);
  /** Whether a draft is what stands in the form: another device may have changed it a moment ago. */
  const isShown = (own) => {
    const given = drafts.answers(own);
    const isSame = ({ id }) => (stands.get(id) ?? "") === (given[id] ?? "");
    const held = (slot) => drafts.files(own).find((one) => one.slot === slot.id)?.sha256 ?? "";
    return form.fields.every(isSame) && form.slots.every((slot) => (controls.get(slot.id).told.dataset.file ?? "") === held(slot));
  };

  async function draw({ all = false } = {}) {
    const own = await draft(id);
    const fates = new Map(await Promise.all(drafts.files(own.state).map(async ({ sha256 }) => [sha256, await fileFate(sha256)])));
    const given = drafts.answers(own.state);
    for (const field of form.fields) {
      const { input, others } = controls.get(field.id);
      chosen(words, others, own.state.fields?.[field.id] ?? [], (value) => keep(field, value));
      // What is being typed or kept is the person's; everything else may come from another device.
      if ((document.activeElement === input && !all) || unsaved.has(field.id) || written.has(field.id)) continue;
      stands.set(field.id, given[field.id] ?? "");
      if (input.type === "checkbox") input.checked = given[field.id] === "yes";
      else input.value = given[field.id] ?? "";
    }
    for (const slot of form.slots) {
      const file = drafts.files(own.state).find((one) => one.slot === slot.id);
      const { told } = controls.get(slot.id);
      const { refused } = (file && fates.get(file.sha256)) ?? {};
      told.dataset.file = file?.sha256 ?? "";
      say(told, file ? [file.name, refused && words.code("code", refused)].filter(Boolean).join(": ") : "");
    }
    const deadline = words.at(state.view.auction.terms.tender_end);
    status.hidden = !state.waiting && !own.refusal;
    status.className = `notice ${own.refusal ? "bad" : "warn"}`;
    if (state.waiting) say(status, `${words.text("submit_saved_not_submitted")}. ${words.text("must_arrive", { time: deadline })}`);
    else if (own.refusal) say(status, `${words.text("submit_refused")}: ${words.code("code", rejection(own.refusal))}`);
    submit.disabled = state.waiting;
  }
  const end = () => {
    document.removeEventListener("visibilitychange", left);
    flush();
  };
  return { element, draw, end };
}

/** Different answers of two devices, one of which has to be chosen; writing one settles it. */
function chosen(words, place, siblings, choose) {
  const values = drafts.different(siblings);
  const many = values.length > 1;
  place.hidden = !many;
  const buttons = many ? values.map((value) =>
    el("button", { type: "button", class: "outline", onclick: () => choose(value ?? "") }, value ?? "—")) : [];
  place.replaceChildren(...(many ? [el("p", {}, words.text("conflict")), ...buttons] : []));
}

/** The application as it is signed: plain values of what the person has read. */
async function signed({ view, session, id }, own) {
  const { terms, version } = view.auction;
  const fields = {
    auction: id,
    person: session.person,
    device: session.device,
    terms_version: version,
    terms_hash: hexOf(await sha256(utf8(canonical(terms)))),
    form: view.form.id,
    form_version: view.form.version,
    answers: drafts.answers(own),
    files: drafts.files(own),
  };
  const confirmation = await confirm(session, "toruk/application/v1", fields);
  return { submit_application: { package: fields, confirmation } };
}

function label(words, field, name) {
  const mark = field.required ? null : el("span", { class: "optional" }, ` (${words.text("web_optional")})`);
  return el("label", { for: name }, words.of(field.label), mark);
}

function control(words, field, keep, controls) {
  const name = `field-${field.id}`;
  const fault = el("p", { class: "fault", id: `${name}-fault`, hidden: true });
  const common = { id: name, "aria-describedby": `${name}-fault`, "aria-required": String(field.required) };
  let input;
  if (field.kind === "consent") {
    input = el("input", { ...common, type: "checkbox", onchange: () => keep(input.checked ? "yes" : "") });
  } else if (field.kind.choice) {
    const options = field.kind.choice.options.map((option) => el("option", { value: option }, words.code("option", option)));
    input = el("select", { ...common, onchange: () => keep(input.value) }, el("option", { value: "" }, "—"), ...options);
  } else {
    const mode = field.kind === "phone" ? "tel" : field.kind.digits ? "numeric" : "text";
    const long = (field.kind.text?.chars_max ?? 0) > 500;
    input = el(long ? "textarea" : "input", { ...common, inputmode: mode, onchange: () => keep(input.value), oninput: () => keep(input.value, TYPED_MS) });
  }
  const others = el("div", { class: "fault", hidden: true });
  controls.set(field.id, { input, fault, others });
  return el("div", { class: field.kind === "consent" ? "field consent" : "field" }, label(words, field, name), fault, input, others);
}

function fileControl(words, slot, keep, controls) {
  const name = `field-${slot.id}`;
  const fault = el("p", { class: "fault", id: `${name}-fault`, hidden: true });
  const told = el("span", { class: "muted" });
  const input = el("input", {
    id: name, type: "file", accept: KINDS.join(","), "aria-describedby": `${name}-fault`,
    onchange: () => {
      const [picked] = input.files;
      // Or the same file could not be picked again.
      input.value = "";
      if (picked) keep(picked);
    },
  });
  controls.set(slot.id, { input, fault, told });
  return el("div", { class: "field" }, label(words, slot, name), fault, input, told);
}

function showFaults(words, controls, wrong) {
  for (const [name, { input, fault }] of controls) {
    fault.hidden = !wrong[name];
    input.setAttribute("aria-invalid", String(Boolean(wrong[name])));
    if (wrong[name]) say(fault, words.code("fault", wrong[name]));
  }
  const [first] = [...controls.entries()].filter(([name]) => wrong[name]);
  first?.[1].input.focus();
}
