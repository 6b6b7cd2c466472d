/** Who sees whose whole library, and the albums of one that is seen; kept true while it changes. */
import type { KeepName } from '../bindings/KeepName';
import type { PartnerAlbum } from '../bindings/PartnerAlbum';
import type { PartnerLibrary } from '../bindings/PartnerLibrary';
import type { PartnerOffer } from '../bindings/PartnerOffer';
import type { PeerPerson } from '../bindings/PeerPerson';
import type { Change, Payload } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Partners extends Kept {
  /** To whom one's own library is shown. */
  offered = $state.raw<PartnerOffer[]>([]);
  /** The libraries of others. */
  libraries = $state.raw<PartnerLibrary[]>([]);
  /** Bytes that are free on the library's disk; null until that was asked. */
  free = $state<number | null>(null);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'partners' || noun === 'peers' || noun === 'identity';
  }

  protected async read(): Promise<void> {
    const { offered, libraries } = await host.call('partner.list', {});
    this.offered = offered;
    this.libraries = libraries;
  }

  /** Libraries that want an answer. */
  get waiting(): PartnerLibrary[] {
    return this.libraries.filter(({ state }) => state === 'asked');
  }

  /** Libraries that are seen. */
  get seen(): PartnerLibrary[] {
    return this.libraries.filter(({ state }) => state === 'accepted');
  }

  library(person: string): PartnerLibrary | undefined {
    return this.libraries.find((one) => one.person.id === person);
  }

  offer(person: string): PartnerOffer | undefined {
    return this.offered.find((one) => one.person.id === person);
  }

  /** Those of the household who neither see one's library nor are asked to. */
  askable(people: PeerPerson[]): PeerPerson[] {
    return people.filter(({ id, is_own }) => {
      const state = this.offer(id)?.state;
      return !is_own && state !== 'asked' && state !== 'accepted';
    });
  }

  /** Asks how much room there is; where that is not told, nothing is said of it. */
  async measure(): Promise<void> {
    try {
      this.free = (await host.call('storage', {})).free;
    } catch {
      this.free = null;
    }
  }

  async show(wish: Payload<'partner.offer'>): Promise<void> {
    await host.call('partner.offer', wish);
    await this.load();
  }

  async edit(wish: Payload<'partner.edit'>): Promise<void> {
    await host.call('partner.edit', wish);
    await this.load();
  }

  async end(person: string): Promise<void> {
    await host.call('partner.end', { person });
    await this.load();
  }

  /** Puts away an offer that has ended. */
  async forget(person: string): Promise<void> {
    await host.call('partner.forget', { person });
    await this.load();
  }

  /** Whether a library is seen from now on. */
  async answer(person: string, accept: boolean): Promise<void> {
    await host.call(accept ? 'partner.accept' : 'partner.decline', { person });
    await this.load();
  }

  async inTimeline(person: string, show: boolean): Promise<void> {
    await host.call('partner.timeline', { person, show });
    await this.load();
  }

  async keep(person: string, what: KeepName): Promise<void> {
    await host.call('partner.keep', { person, what });
    await this.load();
  }
}

export const partners = new Partners();

/** The albums of a library that is seen. */
export class PartnerAlbums extends Kept {
  list = $state.raw<PartnerAlbum[]>([]);
  readonly #person: string;

  constructor(person: string) {
    super();
    this.#person = person;
  }

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'partners' || noun === 'album';
  }

  protected async read(): Promise<void> {
    this.list = (await host.call('partner.albums', { person: this.#person })).albums;
  }

  album(id: string): PartnerAlbum | undefined {
    return this.list.find((one) => one.id === id);
  }
}
