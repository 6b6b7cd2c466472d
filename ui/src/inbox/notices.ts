/**
 * Says that photos came in, or that visitors took back what was in the library, gathered: one sentence when it has been quiet for a minute, or after five
 * minutes of more and more, never one for each.
 */
import { host } from '../host';
import { links } from '../link/links.svelte';
import { m } from '../paraglide/messages';
import { photos } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';
import { where } from '../views/place.svelte';
import { walls } from '../wall/walls.svelte';
import { inbox } from './inbox.svelte';

export const quiet = 60_000;
export const longest = 5 * 60_000;

/** What came through one link since it was told last. */
type Came = { title: string; count: number; album: string | null };

/** Gathers what comes in and tells of it, until what this answers is called. */
export function startNotices(): () => void {
  /** Those seen before; none until the inbox was read once: what waited then is no news. */
  let known: Set<string> | undefined;
  /** Of links that ask nobody: how many have come through each so far. */
  const taken = new Map<string, number>();
  const fresh = new Set<string>();
  const entered = new Map<string, number>();
  /** How many photos of the library visitors took back. */
  let withdrawn = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let first = 0;
  let ended = false;

  async function look() {
    await Promise.all([inbox.load(), links.load()]);
    const ids = inbox.uploads.map(({ id }) => id);
    const came = known ? ids.filter((id) => !known?.has(id)) : [];
    known = new Set([...(known ?? []), ...ids]);
    for (const id of came) fresh.add(id);
    if ((await count()) + came.length > 0 && !ended) gather();
  }

  /** How many came by themselves through links that ask nobody. */
  async function count(): Promise<number> {
    let more = 0;
    for (const { id, upload, auto_accept, state } of links.list) {
      if (upload === 'none' || !auto_accept || state !== 'open') continue;
      const { days } = await host.call('link.numbers', { id });
      const all = days.reduce((sum, { uploads }) => sum + uploads, 0);
      const before = taken.get(id) ?? all;
      taken.set(id, all);
      if (all <= before) continue;
      entered.set(id, (entered.get(id) ?? 0) + all - before);
      more += all - before;
    }
    return more;
  }

  function gather() {
    const now = Date.now();
    if (soon === undefined) first = now;
    clearTimeout(soon);
    soon = setTimeout(tell, Math.min(quiet, Math.max(0, first + longest - now)));
  }

  function tell() {
    soon = undefined;
    const through = new Map<string, Came>();
    const add = (key: string, title: string, album: string | null, count: number) => {
      const so = through.get(key) ?? { title, album, count: 0 };
      through.set(key, { ...so, count: so.count + count });
    };
    // What was answered meanwhile is no news.
    for (const group of inbox.groups) {
      const count = group.uploads.filter(({ id }) => fresh.has(id)).length;
      if (count > 0) add(group.link, inbox.titleOf(group), null, count);
    }
    for (const [id, count] of entered) {
      const link = links.list.find((one) => one.id === id);
      if (link) add(id, link.title, link.album, count);
    }
    const waits = inbox.uploads.some(({ id }) => fresh.has(id));
    fresh.clear();
    entered.clear();
    say([...through.values()], waits);
    if (withdrawn > 0) sayWithdrawn();
  }

  function sayWithdrawn() {
    const words = m.came_back({ photos: photos(withdrawn) });
    withdrawn = 0;
    if (document.hidden) void host.notify(words, '');
    else if (walls.album !== null) return;
    toasts.say(words, { text: m.came_look(), run: () => where.go({ view: 'trash' }) });
  }

  function say(all: Came[], waits: boolean) {
    const count = all.reduce((sum, one) => sum + one.count, 0);
    if (count === 0) return;
    const words =
      all.length === 1
        ? m.came_through({ photos: photos(count), title: all[0].title })
        : m.came_through_links({ photos: photos(count), count: all.length });
    if (document.hidden) void host.notify(words, waits ? m.came_waits() : m.came_entered());
    // Who has the inbox before them sees it, and a wall is for its guests.
    else if (walls.album !== null || (waits && where.now.view === 'inbox')) return;
    const [{ album }] = all;
    toasts.say(words, {
      text: m.came_look(),
      run: () =>
        where.go(waits || album === null ? { view: 'inbox' } : { view: 'album', id: album }),
    });
  }

  void look();
  const end = host.onChange(({ noun }) => {
    if (noun === 'withdrawn') {
      withdrawn += 1;
      gather();
    }
    if (noun === 'inbox' || noun === 'link' || noun === 'everything') void look();
  });
  return () => {
    ended = true;
    clearTimeout(soon);
    end();
  };
}
