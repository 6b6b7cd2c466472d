/** How this machine looks for others, and the relays by which they meet, kept true while they change. */
import type { PeerSettings } from '../bindings/PeerSettings';
import type { SetPeers } from '../bindings/SetPeers';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { Kept } from '../shared/kept.svelte';

class Reach extends Kept {
  now = $state.raw<PeerSettings | null>(null);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'peers';
  }

  protected async read(): Promise<void> {
    this.now = await host.call('peer.set', {});
  }

  /** Keeps it, and shows what is so then. What is kept but does not work now is shown, not thrown. */
  async set(wish: SetPeers): Promise<void> {
    let thrown: unknown;
    await host.call('peer.set', wish).catch((error: unknown) => (thrown = error));
    await this.load();
    if (thrown !== undefined && sentence(thrown) !== this.now?.relay_trouble) throw thrown;
  }
}

export const reach = new Reach();
