/** Photos of another machine of one's own among those of the sample library, and links that it
 * serves. */
import type { Commands } from '../bindings/commands';
import { SampleLibrary } from './library';
import type { SamplePeers } from './peers';

const few = 48;
const later = '2026-11-27T18:10:00Z';

/** How a machine of the sample serves one's links. */
export const servedAt = {
  address: 'https://photos.example.org',
  lease_seconds: 600,
  asleep_seconds: 2_592_000,
};

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

/** Has a machine serve all links. */
export function serveLinks(library: SampleLibrary, peers: SamplePeers): void {
  const [attic, , ben] = peers.people.flatMap((one) => one.machines);
  attic.serves = servedAt;
  ben.mirrors = [attic.name];
  ben.spoken_for = attic.name;
  for (const link of library.links.values())
    Object.assign(link, { server: attic.name, url: `${servedAt.address}${link.path}` });
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
  'peer.serve': async ({ machine: id, on }: Commands['peer.serve']['payload']) => {
    const machine = peers.find(id);
    machine.serves = on ? servedAt : null;
    announce('everything');
    return { ...machine };
  },
  'peer.host': async ({ machine: id, what }: Commands['peer.host']['payload']) => {
    const machine = peers.find(id);
    const hosted = {
      asked: true,
      links: 3,
      photos: 240,
      originals: 240,
      uploads: 12,
      parcels: 3,
      until: later,
    };
    machine.hosts = what === 'nothing' ? null : { ...hosted, keep: what };
    announce('everything');
    return { ...machine };
  },
});
