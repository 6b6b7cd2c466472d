/** What is done about a machine of one's own that is lost. */
import type { Named } from '../bindings/Named';
import { sentence } from '../host';
import { m } from '../paraglide/messages';
import { peers } from '../peers/peers.svelte';
import { adoptions, originals } from '../safety/safety.svelte';
import { nameOf } from '../safety/words';
import { toasts } from '../shared/toasts.svelte';
import { sheets } from './sheets.svelte';

/** Takes it over. Where its sheet was closed meanwhile, what came of it is said, and leads back there. */
export async function adopt(machine: Named): Promise<void> {
  const { report, problem } = await adoptions.run(machine.id);
  const { open } = sheets;
  if (open?.kind === 'lost' && open.machine === machine.id) return;
  if (!report) return toasts.fail(problem);
  const run = () => (sheets.open = { kind: 'lost', machine: machine.id });
  toasts.say(m.lost_done({ count: report.photos, name: nameOf(machine, false) }), {
    text: m.details(),
    run,
  });
}

/** Removes it from the machines that are known. */
export async function letGo({ id }: Named): Promise<void> {
  try {
    const names = await peers.remove(id);
    adoptions.forget(id);
    sheets.close();
    toasts.say(m.peer_removed({ names: names.join(', ') }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
  await originals.load();
}
