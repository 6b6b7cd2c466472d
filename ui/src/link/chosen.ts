/** What a link of chosen photos shows is changed, and changed back. */
import type { Link } from '../bindings/Link';
import { sentence } from '../host';
import { m } from '../paraglide/messages';
import { photos } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';
import { done } from '../shared/undo';
import { links } from './links.svelte';

/** Adds photos to a link, and offers the way back. */
export async function addToLink({ id, label }: Link, assets: string[]): Promise<void> {
  try {
    const added = await links.add(id, assets);
    const many = photos(added.length);
    if (added.length === 0) toasts.say(m.already_in_link({ count: assets.length }));
    else if (label) await done(m.did_add_to_link_for({ photos: many, label }));
    else await done(m.did_add_to_link({ photos: many }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Takes photos out of a link, and offers the way back; answers whether they are out. */
export async function takeOut(link: string, assets: string[]): Promise<boolean> {
  try {
    const gone = await links.remove(link, assets);
    if (gone.length > 0) await done(m.did_take_out({ photos: photos(gone.length) }));
    return true;
  } catch (thrown) {
    toasts.fail(sentence(thrown));
    return false;
  }
}
