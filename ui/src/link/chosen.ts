/** What a link of chosen photos shows is changed. The node undoes no links: the other verb is the way back. */
import type { Link } from '../bindings/Link';
import { sentence } from '../host';
import { m } from '../paraglide/messages';
import { photos } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';
import { links } from './links.svelte';

async function attempt(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (thrown) {
    toasts.fail(sentence(thrown));
    return false;
  }
}

/** Adds photos to a link, and offers to take out those that were added. */
export async function addToLink({ id, label }: Link, assets: string[]): Promise<void> {
  await attempt(async () => {
    const added = await links.add(id, assets);
    if (added.length === 0) {
      toasts.say(m.already_in_link({ count: assets.length }));
      return;
    }
    const many = photos(added.length);
    toasts.offer(
      label ? m.did_add_to_link_for({ photos: many, label }) : m.did_add_to_link({ photos: many }),
      () =>
        void attempt(async () => {
          await links.remove(id, added);
          toasts.say(m.did_take_out({ photos: many }));
        }),
    );
  });
}

/** Takes photos out of a link, and offers to put them back; answers whether they are out. */
export function takeOut({ id }: Link, assets: string[]): Promise<boolean> {
  const many = photos(assets.length);
  return attempt(async () => {
    await links.remove(id, assets);
    toasts.offer(
      m.did_take_out({ photos: many }),
      () =>
        void attempt(async () => {
          await links.add(id, assets);
          toasts.say(m.did_put_back({ photos: many }));
        }),
    );
  });
}
