/** Photos of another machine of one's own among those of the sample library. */
import type { Commands } from '../bindings/commands';
import { SampleLibrary } from './library';
import type { SamplePeers } from './peers';

const few = 48;

/** Puts a machine's photos there, or takes them away. */
export async function showMachine(
  library: SampleLibrary,
  machine: { id: string },
  show: boolean,
): Promise<void> {
  for (const [id, one] of library.assets) if (one.machine === machine.id) library.assets.delete(id);
  if (!show) return;
  const there = new SampleLibrary('7000', 700);
  await there.open();
  there.fill(few, 23);
  for (const [id, one] of there.assets) {
    one.machine = machine.id;
    one.asset.home = machine.id;
    library.assets.set(id, one);
  }
}

export const amongAnswers = (
  library: SampleLibrary,
  peers: SamplePeers,
  announce: (noun: 'everything') => void,
) => ({
  'peer.timeline': async ({ machine: id, show }: Commands['peer.timeline']['payload']) => {
    const machine = peers.find(id);
    await showMachine(library, machine, show);
    machine.in_timeline = show;
    announce('everything');
    return { ...machine };
  },
});
