// The modules of the bidder's app in a browser, as a program for `run.py` and for the tests: what a
// phone's core answers, they answer.

import { cleaned, faults, international } from "../../server/src/console/assets/bidder/answers.js";
import { inWords } from "../../server/src/console/assets/bidder/amount-words.js";
import { button, countdown } from "../../server/src/console/assets/bidder/button.js";
import { ServerClock } from "../../server/src/console/assets/bidder/clock.js";
import * as drafts from "../../server/src/console/assets/bidder/draft.js";
import { fold } from "../../server/src/console/assets/bidder/fold.js";
import { answer } from "../../server/src/console/assets/bidder/wire.js";

const ANSWERS = {
  phone_number: ({ typed }) => international(typed),
  form_faults: ({ form, answers, slots }) => faults(form, answers, slots),
  form_cleaned: ({ field, typed }) => cleaned(field, typed),
  amount_words: ({ amount, language }) => inWords(amount, language),
  button: (situation) => button(situation),
  countdown: (auction) => countdown(auction),
  fold: ({ view, record }) => fold(view, record).view.auction,
  draft_edit: ({ state, field, value, actor }) => drafts.set(state, field, value, actor),
  draft_attach: ({ state, file, actor }) => drafts.attach(state, file.slot, file, actor),
  draft_merge: ({ parts }) => {
    const state = parts.reduce(drafts.merge, {});
    return { state, answers: drafts.answers(state), conflicts: drafts.conflicts(state).sort() };
  },
  clock: ({ speed, steps, at }) => {
    const clock = new ServerClock();
    clock.setSpeed(speed);
    for (const { sent, server, received } of steps) {
      if (sent === undefined) clock.received(server, received);
      else clock.exchanged(sent, server, received);
    }
    return clock.now(at);
  },
};

const { createInterface } = await import("node:readline");
for await (const line of createInterface({ input: process.stdin })) {
  const { kind, input } = JSON.parse(line);
  const own = Object.hasOwn(ANSWERS, kind) ? ANSWERS[kind](input) : await answer(kind, input);
  console.log(JSON.stringify(own ?? null));
}
