/** What is asked before somebody sees one's library no more, or theirs is let go of. */
import type { KeepName } from '../bindings/KeepName';
import type { PartnerLibrary } from '../bindings/PartnerLibrary';
import type { PartnerOffer } from '../bindings/PartnerOffer';
import { sentence } from '../host';
import { called } from '../household/words';
import { m } from '../paraglide/messages';
import { partners } from '../partner/partners.svelte';
import { size } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';
import { sheets } from './sheets.svelte';

async function attempt(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Puts away what has ended. */
export const forgetOffer = ({ person }: PartnerOffer): Promise<void> =>
  attempt(() => partners.forget(person.id));

/** Says yes or no to a library that is offered. */
export const answer = ({ person }: PartnerLibrary, accept: boolean): Promise<void> =>
  attempt(async () => {
    await partners.answer(person.id, accept);
    const did = accept ? m.partner_accepted : m.partner_refused;
    toasts.say(did({ who: called(person) }));
  });

export const showInTimeline = ({ person }: PartnerLibrary, show: boolean): Promise<void> =>
  attempt(() => partners.inTimeline(person.id, show));

/** Originals that are let go of are told of before. */
export function keepOf(library: PartnerLibrary, what: KeepName, over: () => void): void {
  const { person, originals } = library;
  const change = () => partners.keep(person.id, what);
  if (what === 'originals' || originals === 0) return void attempt(change).then(over);
  sheets.open = {
    kind: 'ask',
    title: m.keep_less_ask({ count: originals }),
    text: m.partner_keep_less({ who: called(person) }),
    verb: m.keep_less(),
    confirm: change,
    over,
  };
}

/** Lets go of somebody's library. */
export function stopSeeing({ person, kept_bytes }: PartnerLibrary): void {
  const who = called(person);
  sheets.open = {
    kind: 'ask',
    title: m.partner_stop_ask({ who }),
    text: m.partner_stop_text({ who, size: size(kept_bytes) }),
    verb: m.partner_stop(),
    confirm: async () => {
      await partners.answer(person.id, false);
      toasts.say(m.partner_stopped({ who }));
    },
  };
}

/** Shows one's own library no more. What nobody has answered yet is taken back without a question. */
export function endOffer({ person, state }: PartnerOffer): void {
  const who = called(person);
  if (state === 'asked') {
    void attempt(async () => {
      await partners.end(person.id);
      toasts.say(m.partner_taken_back({ who }));
    });
    return;
  }
  sheets.open = {
    kind: 'ask',
    title: m.partner_end_ask({ who }),
    text: m.partner_end_text({ who }),
    verb: m.partner_end(),
    confirm: () => partners.end(person.id),
  };
}
