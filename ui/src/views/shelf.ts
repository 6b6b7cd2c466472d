/** What moves photos between the timeline, the archive and the trash, and out of the library. */
import { host, sentence } from '../host';
import { locked } from '../locked/locked.svelte';
import { m } from '../paraglide/messages';
import { photos, size } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';
import type { Grid } from '../timeline/grid.svelte';
import type { Scope } from '../timeline/scope';
import { sheets } from './sheets.svelte';
import { done } from '../shared/undo';

export type Way = 'trash' | 'restore' | 'archive' | 'timeline' | 'lock' | 'unlock';

const ways = {
  trash: { command: 'trash', did: m.did_trash, already: m.already_trash },
  restore: { command: 'restore', did: m.did_restore, already: m.already_restore },
  archive: { command: 'archive.add', did: m.did_archive, already: m.already_archive },
  timeline: { command: 'archive.remove', did: m.did_timeline, already: m.already_timeline },
  lock: { command: 'lock.add', did: m.did_lock, already: m.already_lock },
  unlock: { command: 'lock.remove', did: m.did_timeline, already: m.already_timeline },
} as const;

/** Does something with the chosen photos, once the node has told which those are that are not here. */
export async function withChosen(grid: Grid, act: (ids: string[]) => unknown): Promise<void> {
  try {
    const ids = await grid.chosen();
    if (ids.length > 0) await act(ids);
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Whether photos that go this way leave a place: an album and a link keep what is archived. */
function leaves(scope: Scope, way: Way): boolean {
  if (scope.kind === 'trash') return way === 'restore';
  if (way === 'lock' || way === 'unlock') return true;
  if (scope.kind === 'archive') return way !== 'archive';
  return way === 'trash' || (way === 'archive' && scope.kind !== 'album' && scope.kind !== 'link');
}

/**
 * Photos are about to go. Call what this answers when they went: it gives the keys they had to what
 * takes their place, unless something else was chosen meanwhile.
 */
export function leaving(grid: Grid, going: readonly string[]): () => void {
  const gone = new Set(going);
  const had = going.some((id) => grid.selection.has(id));
  const next = grid.inPlaceOf(going);
  return () => {
    const left = grid.selection.named;
    if (had && left && [...left].every((id) => gone.has(id))) grid.wanted = next;
    grid.selection.drop(going);
  };
}

/** Moves photos from one shelf to another; answers whether they leave this grid. */
export async function shelve(grid: Grid, ids: string[], way: Way): Promise<boolean> {
  const { command, did, already } = ways[way];
  const gone = leaves(grid.scope, way);
  const moveOn = leaving(grid, ids);
  try {
    const { changed } = await host.call(command, { assets: ids });
    if (gone) moveOn();
    const said = did({ photos: photos(changed.length) });
    // What was locked comes back only after the PIN, so no way back is offered before it.
    if (changed.length > 0 && way === 'lock' && !locked.open) toasts.say(said);
    else if (changed.length > 0) await done(said);
    else toasts.say(already({ count: ids.length }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
    return false;
  }
  return gone;
}

async function empty(assets?: string[]): Promise<void> {
  const { assets: gone, bytes, left } = await host.call('trash.empty', assets ? { assets } : {});
  const parts = [m.did_delete({ photos: photos(gone) })];
  if (bytes > 0) parts.push(m.did_free({ size: size(bytes) }));
  if (left.length > 0) parts.push(m.did_leave({ count: left.length }));
  toasts.say(parts.join(', '));
}

/** Asks, and then deletes these photos from the trash for good. */
export function deleteForGood(grid: Grid, ids: string[]): void {
  if (ids.length === 0) return;
  sheets.open = {
    kind: 'ask',
    title: m.delete_ask({ photos: photos(ids.length) }),
    text: m.delete_text({ count: ids.length }),
    verb: m.delete_for_good(),
    confirm: async () => {
      const moveOn = leaving(grid, ids);
      await empty(ids);
      moveOn();
    },
  };
}

/** Asks, and then deletes for good all that lies in the trash. */
export function emptyTrash(grid: Grid): void {
  const all = grid.count;
  sheets.open = {
    kind: 'ask',
    title: m.trash_empty_ask(),
    text: m.trash_empty_text({ count: all }),
    verb: m.trash_empty(),
    confirm: () => empty(),
  };
}

/** What Del does: to the trash, and from there for good. */
export function remove(grid: Grid): void {
  void withChosen(grid, (ids) => {
    if (grid.scope.kind === 'trash') deleteForGood(grid, ids);
    else void shelve(grid, ids, 'trash');
  });
}
