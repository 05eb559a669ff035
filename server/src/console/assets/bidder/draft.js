// A draft that several devices of one person edit, merged as the phones merge it: a multi-value
// register for each field, an observed-remove set for the files (`sync/README.md`, "Drafts").

import { canonical } from "./wire.js";

/** The highest count that is merged. */
const COUNT_MAX = 2 ** 40;

/**
 * @typedef {Record<string, number>} Clock
 * @typedef {{ clock: Clock, value: string | null }} Sibling
 * @typedef {{ clock: Clock, members: [any, Clock][] }} MemberSet
 * @typedef {{ fields?: Record<string, Sibling[]>, files?: MemberSet, groups?: MemberSet }} DraftState
 */

/** Whether every write of `one` is in `other`. @param {Clock} one @param {Clock} other */
const within = (one, other) => Object.entries(one).every(([by, count]) => count <= (other[by] ?? 0));
/** @param {Clock} one @param {Clock} other */
const same = (one, other) => within(one, other) && within(other, one);

/** All writes that these answers' writers had seen. @param {Sibling[]} siblings */
function seen(siblings) {
  /** @type {Clock} */
  const all = {};
  for (const { clock } of siblings) {
    for (const [by, count] of Object.entries(clock)) all[by] = Math.max(all[by] ?? 0, count);
  }
  return all;
}

/** @param {Sibling[]} held @param {Sibling} sibling @returns {Sibling[]} */
function put(held, sibling) {
  const counts = Object.values(sibling.clock);
  if (counts.length === 0 || counts.some((count) => count > COUNT_MAX)) return held;
  // What the writer had seen is replaced; what has seen this write stays.
  const left = held.filter(({ clock }) => !within(clock, sibling.clock));
  const replaced = left.some(({ clock }) => within(sibling.clock, clock) && !same(clock, sibling.clock));
  return replaced ? left : [...left, sibling];
}

/** @param {MemberSet} set @returns {Map<string, [any, Clock]>} */
const byName = (set) => new Map(set.members.map(([member, clock]) => [canonical(member), [member, clock]]));

/** @param {MemberSet | undefined} own @param {MemberSet | undefined} other @returns {MemberSet | undefined} */
function mergeSets(own, other) {
  if (!own || !other) return own ?? other;
  const [left, right] = [byName(own), byName(other)];
  /** @type {[any, Clock][]} */
  const members = [];
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [one, two] = [left.get(name)?.[1] ?? {}, right.get(name)?.[1] ?? {}];
    /** @type {Clock} */
    const kept = {};
    for (const by of new Set([...Object.keys(one), ...Object.keys(two)])) {
      const counts = [
        one[by] === two[by] ? one[by] : undefined,
        one[by] > (other.clock[by] ?? 0) ? one[by] : undefined,
        two[by] > (own.clock[by] ?? 0) ? two[by] : undefined,
      ].filter((count) => count !== undefined);
      if (counts.length > 0) kept[by] = Math.max(...counts);
    }
    const member = (left.get(name) ?? right.get(name))[0];
    if (Object.keys(kept).length > 0) members.push([member, kept]);
  }
  return { clock: seen([{ clock: own.clock, value: null }, { clock: other.clock, value: null }]), members };
}

/** Merges a part or a whole; order and repetition do not matter. @param {DraftState} own @param {DraftState} other @returns {DraftState} */
export function merge(own, other) {
  const fields = { ...own.fields };
  for (const [field, siblings] of Object.entries(other.fields ?? {})) {
    fields[field] = siblings.reduce(put, fields[field] ?? []);
  }
  const [files, groups] = [mergeSets(own.files, other.files), mergeSets(own.groups, other.groups)];
  return { fields, ...(files && { files }), ...(groups && { groups }) };
}

/** A draft without the writes of a part that nobody else has. @param {DraftState} own @param {DraftState} part @returns {DraftState} */
export function without(own, part) {
  const isOf = (siblings, { clock }) => (siblings ?? []).some((one) => same(one.clock, clock));
  const fields = Object.fromEntries(Object.entries(own.fields ?? {})
    .map(([field, siblings]) => [field, siblings.filter((one) => !isOf(part.fields?.[field], one))]));
  const isMember = ([member, clock]) => (part.files?.members ?? []).some(([other, at]) => canonical(other) === canonical(member) && same(at, clock));
  const files = own.files && { ...own.files, members: own.files.members.filter((one) => !isMember(one)) };
  return { ...own, fields, ...(files && { files }) };
}

/** The part that sets a field; null clears it. @param {DraftState} own @param {string} field @param {string | null} value @param {number} actor @returns {DraftState} */
export function set(own, field, value, actor) {
  const clock = seen(own.fields?.[field] ?? []);
  clock[actor] = (clock[actor] ?? 0) + 1;
  return { fields: { [field]: [{ clock, value }] } };
}

/** The part that puts a file into its slot, in place of any other; null empties it. @param {DraftState} own @param {string} slot @param {any} file @param {number} actor @returns {DraftState} */
export function attach(own, slot, file, actor) {
  const held = own.files ?? { clock: {}, members: [] };
  const members = held.members.filter(([member]) => member.slot !== slot);
  if (!file) return { files: { clock: held.clock, members } };
  const count = (held.clock[actor] ?? 0) + 1;
  const clock = { ...held.clock, [actor]: count };
  return { files: { clock, members: [...members, [file, { [actor]: count }]] } };
}

/** The answer to show: the greatest by clock, then by value, the same on every device. @param {Sibling[]} siblings */
export function shown(siblings) {
  const order = (one) => Object.entries(one.clock).map(([by, count]) => [Number(by), count]).sort((a, b) => a[0] - b[0]);
  const greater = (one, other) => {
    const [left, right] = [order(one).flat(), order(other).flat()];
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      if (left[at] !== right[at]) return (left[at] ?? -1) > (right[at] ?? -1);
    }
    return (one.value ?? "") > (other.value ?? "");
  };
  return siblings.reduce((best, next) => (best && greater(best, next) ? best : next), null);
}

/** The settled answers by field. @param {DraftState} draft @returns {Record<string, string>} */
export function answers(draft) {
  const found = Object.entries(draft.fields ?? {}).map(([field, siblings]) => [field, shown(siblings)?.value]);
  return Object.fromEntries(found.filter(([, value]) => value !== null && value !== undefined && value !== ""));
}

/** Answers that differ, and not only in who gave them. @param {Sibling[]} siblings */
export const different = (siblings) => [...new Set(siblings.map(({ value }) => value))];

/** The fields in which two devices gave different answers. @param {DraftState} draft */
export const conflicts = (draft) =>
  Object.entries(draft.fields ?? {}).filter(([, siblings]) => different(siblings).length > 1).map(([field]) => field);

/** The files, in order of their slots. @param {DraftState} draft */
export const files = (draft) => (draft.files?.members ?? []).map(([file]) => file)
  .sort((one, other) => (one.slot < other.slot ? -1 : 1));
