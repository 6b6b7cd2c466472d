/** Who guesses a link's password is told of to its owner, once for each time the node noticed it. */
import type { Link } from '../bindings/Link';
import { sentence } from '../host';
import { m } from '../paraglide/messages';
import { toasts } from '../shared/toasts.svelte';
import type { links as store } from './links.svelte';

const told = 'albumen.told-of-guessing';
const day = 86_400_000;

/** Whether a link's password was being guessed within the last day. */
export function isGuessed(link: Link, now: number): boolean {
  const may = link.state === 'open' || link.state === 'paused';
  return may && link.guessed_at !== null && now - Date.parse(link.guessed_at) < day;
}

/** Tells of what was not told of yet, with what can be done. */
export function tellOfGuessing(links: typeof store, now: number): void {
  const until = localStorage.getItem(told) ?? '';
  const fresh = links.list.filter(
    (link) => link.state === 'open' && isGuessed(link, now) && (link.guessed_at ?? '') > until,
  );
  const newest = fresh.map(({ guessed_at }) => guessed_at ?? '').sort();
  if (newest.length > 0) localStorage.setItem(told, newest[newest.length - 1]);
  for (const { id, title } of fresh) {
    const then = (act: () => Promise<unknown>, done: string) => () =>
      void act().then(
        () => toasts.say(done),
        (thrown) => toasts.fail(sentence(thrown)),
      );
    toasts.warn(m.link_guessed_notice({ title }), [
      {
        text: m.link_pause_the(),
        run: then(() => links.edit({ id, paused: true }), m.link_did_pause()),
      },
      { text: m.link_renew(), run: then(() => links.renew(id), m.link_did_renew()) },
    ]);
  }
}
