/** What others share with this library, and what they did; kept true while it changes. */
import type { AlbumOffer } from '../bindings/AlbumOffer';
import type { Notice } from '../bindings/Notice';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Offers extends Kept {
  list = $state.raw<AlbumOffer[]>([]);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'album' || noun === 'peers' || noun === 'identity';
  }

  protected async read(): Promise<void> {
    this.list = (await host.call('album.offers', {})).offers;
  }

  /** Those that want an answer. */
  get open(): AlbumOffer[] {
    return this.list.filter(({ state }) => state === 'asked');
  }

  /** Whether an album is handed over to one. */
  heir(album: string): boolean {
    return this.list.some((offer) => offer.album === album && offer.heir);
  }

  async answer(album: string, accept: boolean): Promise<void> {
    await host.call(accept ? 'album.accept' : 'album.decline', { album });
    await this.load();
  }
}

class News extends Kept {
  list = $state.raw<Notice[]>([]);
  unseen = $state(0);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'notices';
  }

  protected async read(): Promise<void> {
    const { notices, unseen } = await host.call('notice.list', { limit: 200 });
    this.list = notices;
    this.unseen = unseen;
  }

  /** They are before somebody's eyes. */
  async seen(): Promise<void> {
    const newest = this.list.at(0);
    if (newest && this.unseen > 0) await host.call('notice.read', { upto: newest.id });
  }
}

export const offers = new Offers();
export const news = new News();
