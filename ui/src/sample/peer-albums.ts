/** The albums of the machines around the sample library: each has two, of its newest photos. */
import type { Commands } from '../bindings/commands';
import type { RemoteAlbum } from '../bindings/RemoteAlbum';
import type { RemoteAsset } from '../bindings/RemoteAsset';
import type { Request } from '../bindings/Request';
import { missing } from './changes';

type Asked = 'peer.albums' | `peer.album.${'create' | 'edit' | 'delete' | 'add' | 'remove'}`;
type Answers = { [N in Asked]: (payload: Commands[N]['payload']) => Commands[N]['reply'] };

type Album = Pick<RemoteAlbum, 'id' | 'title' | 'description' | 'created_at' | 'order'> & {
  cover: string | null;
  assets: Set<string>;
  waits: boolean;
};

export class PeerAlbums {
  readonly #albums = new Map<string, Album[]>();
  readonly #photosOf: (machine: string) => RemoteAsset[];
  /** Asks a machine for something, and says whether it is there. */
  readonly #ask: (machine: string, told: string) => Request;
  #next = 1;

  constructor(
    photosOf: (machine: string) => RemoteAsset[],
    ask: (machine: string, told: string) => Request,
  ) {
    this.#photosOf = photosOf;
    this.#ask = ask;
  }

  of(machine: string): Album[] {
    const known = this.#albums.get(machine);
    if (known) return known;
    const ids = this.#photosOf(machine).map(({ asset }) => asset.id);
    const made = [
      this.#make('At the hut', ids.slice(0, 9)),
      this.#make('Lake Garda', ids.slice(4, 30)),
    ].filter(({ assets }) => assets.size > 0);
    this.#albums.set(machine, made);
    return made;
  }

  find(machine: string, id: string): Album {
    const found = this.of(machine).find((one) => one.id === id);
    if (!found) throw missing('album');
    return found;
  }

  #make(title: string, assets: string[]): Album {
    return {
      id: `remote-album-${this.#next++}`,
      title,
      description: '',
      created_at: '2026-11-01T10:00:00Z',
      order: 'oldest',
      cover: null,
      assets: new Set(assets),
      waits: false,
    };
  }

  #told(machine: string, { assets, ...album }: Album): RemoteAlbum {
    const held = this.#photosOf(machine).filter(
      ({ asset }) => assets.has(asset.id) && asset.state !== 'trashed',
    );
    const first = album.order === 'newest' ? held.at(0) : held.at(-1);
    const times = held.flatMap(({ asset }) => asset.taken_at ?? []).sort();
    return {
      ...album,
      count: held.length,
      cover: album.cover ?? first?.asset.id ?? null,
      first_at: times.at(0) ?? null,
      last_at: times.at(-1) ?? null,
    };
  }

  answers(): Answers {
    const change = (machine: string, id: string, told: string, act: (album: Album) => void) => {
      const album = this.find(machine, id);
      act(album);
      const request = this.#ask(machine, told);
      album.waits = request.state === 'waiting';
      return { ...request };
    };
    return {
      'peer.albums': ({ machine }) => ({
        albums: this.of(machine).map((album) => this.#told(machine, album)),
      }),
      'peer.album.create': ({ machine, title }) => {
        const album = this.#make(title, []);
        this.#albums.set(machine, [album, ...this.of(machine)]);
        const request = change(machine, album.id, `the album «${title}» made`, () => {});
        return { album: album.id, request };
      },
      'peer.album.edit': ({ machine, album, ...fields }) =>
        change(machine, album, 'an album edited', (of) => Object.assign(of, fields)),
      'peer.album.delete': ({ machine, album }) =>
        change(machine, album, 'an album deleted', (of) => {
          const left = this.of(machine).filter((one) => one !== of);
          this.#albums.set(machine, left);
        }),
      'peer.album.add': ({ machine, album, assets }) =>
        change(machine, album, 'photos added to an album', (of) => {
          for (const asset of assets) of.assets.add(asset);
        }),
      'peer.album.remove': ({ machine, album, assets }) =>
        change(machine, album, 'photos taken out of an album', (of) => {
          for (const asset of assets) of.assets.delete(asset);
        }),
    };
  }
}
