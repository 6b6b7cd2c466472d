/** The photos of another machine, or of an album of it, as far down as someone looked, kept true while they change. */
import type { RemoteAsset } from '../bindings/RemoteAsset';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { Kept } from '../shared/kept.svelte';

/** So many are asked for at a time, and at most, when all are read anew. */
export const page = 200;
const most = 2000;

export class RemotePhotos extends Kept {
  readonly machine: string;
  /** The album that they are of; all of the machine's without. */
  readonly album: string | undefined;
  list = $state.raw<RemoteAsset[]>([]);
  /** The one that takes the keys as soon as it is there. */
  wanted = $state<string | null>(null);
  /** What to go on after; null at the end. */
  #next = $state<string | null>(null);
  #told = 0;
  #asking = false;

  constructor(machine: string, album?: string) {
    super();
    this.machine = machine;
    this.album = album;
  }

  protected concerns(noun: Change['noun'], id: string | null): boolean {
    return noun === 'outbox' || (noun === 'remote' && (id === null || id === this.machine));
  }

  /** Reads as many anew as there were, in few questions. */
  protected async read(): Promise<void> {
    const all: RemoteAsset[] = [];
    let next: string | null = null;
    do {
      const reply: Awaited<ReturnType<RemotePhotos['ask']>> = await this.ask(
        next,
        Math.min(most, Math.max(page, this.#told - all.length)),
      );
      all.push(...reply.assets);
      next = reply.next;
    } while (next !== null && all.length < this.#told);
    this.#take(all, next);
  }

  /** Reads the next ones. */
  async more(): Promise<void> {
    const after = this.#next;
    if (after === null || this.#asking) return;
    this.#asking = true;
    try {
      const { assets, next } = await this.ask(after, page);
      // What was read anew meanwhile may end elsewhere.
      if (this.#next === after) this.#take([...this.list, ...assets], next);
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.#asking = false;
  }

  get goesOn(): boolean {
    return this.#next !== null;
  }

  placeOf(id: string): number {
    return this.list.findIndex(({ asset }) => asset.id === id);
  }

  private ask(after: string | null, limit: number) {
    const { machine, album } = this;
    return host.call('peer.assets', {
      machine,
      limit,
      ...(album === undefined ? {} : { album }),
      ...(after === null ? {} : { after }),
    });
  }

  #take(all: RemoteAsset[], next: string | null): void {
    this.#told = all.length;
    this.#next = next;
    this.list = all.filter(({ asset }) => asset.state !== 'trashed');
  }
}

/** Which photo of another machine is open over the window. */
class Looking {
  photos = $state.raw<RemotePhotos | null>(null);
  id = $state<string | null>(null);

  open(photos: RemotePhotos, id: string): void {
    this.photos = photos;
    this.id = id;
  }

  /** Gives the keys back to the grid, at the photo that was open last. */
  close(): void {
    if (this.photos) this.photos.wanted = this.id;
    this.photos = null;
    this.id = null;
  }
}

export const looking = new Looking();
