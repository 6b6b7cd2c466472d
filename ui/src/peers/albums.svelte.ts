/** The albums of another machine, kept true while they change; all that changes them is asked of it. */
import type { RemoteAlbum } from '../bindings/RemoteAlbum';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

export class RemoteAlbums extends Kept {
  list = $state.raw<RemoteAlbum[]>([]);
  readonly machine: string;

  constructor(machine: string) {
    super();
    this.machine = machine;
  }

  protected concerns(noun: Change['noun'], id: string | null): boolean {
    return noun === 'outbox' || (noun === 'remote' && (id === null || id === this.machine));
  }

  protected async read(): Promise<void> {
    this.list = (await host.call('peer.albums', { machine: this.machine })).albums;
  }

  album(id: string): RemoteAlbum | undefined {
    return this.list.find((one) => one.id === id);
  }
}
