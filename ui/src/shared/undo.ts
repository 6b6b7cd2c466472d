/** Undo is the node's own: one stack for all that changes photos and albums, whoever changed them. */
import type { Undo } from '../bindings/Undo';
import { host, sentence } from '../host';
import { m } from '../paraglide/messages';
import { toasts } from './toasts.svelte';

async function last(): Promise<Undo | undefined> {
  return (await host.call('undo.list', {})).commands[0];
}

/** Undoes what was done last, whatever it was, and says what it was. */
export async function undoLast(): Promise<void> {
  try {
    const { command } = await host.call('undo', {});
    toasts.withdraw();
    toasts.say(m.undone({ command }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Undoes this command, as long as nothing was done after it. */
async function undo(mine: Undo): Promise<void> {
  try {
    const now = await last();
    if (now?.command === mine.command && now.made_at === mine.made_at) await undoLast();
    else toasts.fail(m.undo_blocked());
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Says what has just been done, with the way back from it. */
export async function done(text: string): Promise<void> {
  const mine = await last();
  if (mine) toasts.offer(text, () => void undo(mine));
  else toasts.say(text);
}
