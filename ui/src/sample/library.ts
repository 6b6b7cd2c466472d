/** The sample library: what a household's node would answer, held in memory. */
import type { Album } from '../bindings/Album';
import type { Asset } from '../bindings/Asset';
import type { Grid } from '../bindings/Grid';
import type { Link } from '../bindings/Link';
import { varied } from './kinds';
import { offered, painted, seeded, type SamplePicture } from './pictures';

export type SampleAsset = { asset: Asset; picture: SamplePicture; at: number };
export type SampleAlbum = {
  id: string;
  title: string;
  description: string | null;
  created_at: string;
  assets: string[];
  cover: string | null;
};
export type SampleLink = Omit<Link, 'count' | 'title' | 'state'> & {
  assets: string[];
  password: string;
};

const newest = Date.UTC(2026, 10, 21, 16, 40);
const cameras = [
  ['Apple', 'iPhone 15 Pro', 'iPhone 15 Pro back camera 6.86mm f/1.78', 1.78, 6.86],
  ['FUJIFILM', 'X-T5', 'XF35mmF1.4 R', 2.8, 35],
  ['SONY', 'ILCE-7M4', 'FE 24-70mm F2.8 GM II', 4, 50],
] as const;

export class SampleLibrary {
  assets = new Map<string, SampleAsset>();
  albums = new Map<string, SampleAlbum>();
  links = new Map<string, SampleLink>();
  sharing = false;
  #pictures: SamplePicture[] = [];
  #next = 1;

  async open(): Promise<void> {
    this.#pictures = import.meta.env.MODE === 'test' ? [] : await offered();
  }

  id(kind: string): string {
    return `${kind}-${String(this.#next++).padStart(6, '0')}`;
  }

  fill(count: number): void {
    const random = seeded(4);
    let at = newest;
    for (let made = 0; made < count;) {
      const burst = Math.min(
        count - made,
        random() < 0.3 ? 8 + Math.floor(random() * 14) : 1 + Math.floor(random() * 4),
      );
      for (let i = 0; i < burst; i += 1) this.add(at - i * 1000 * (40 + random() * 900), random);
      made += burst;
      at -= 86_400_000 * (1 + Math.floor(random() * random() * 16));
    }
  }

  add(at: number, random: () => number): string {
    const id = this.id('asset');
    const number = this.assets.size;
    const { picture: own, ...kind } = varied(number);
    const picture = own
      ? own
      : this.#pictures.length > 0
        ? this.#pictures[(number * 7) % this.#pictures.length]
        : painted(number);
    const [make, model, lens, aperture, focal] = cameras[Math.floor(random() * cameras.length)];
    const placed = random() < 0.7;
    this.assets.set(id, {
      picture,
      at,
      asset: {
        id,
        kind: 'photo',
        name: `IMG_${String(1200 + number)}.jpg`,
        hash: 'b3'.repeat(32),
        bytes: Math.round(1_800_000 + random() * 5_000_000),
        mime: 'image/jpeg',
        width: picture.width,
        height: picture.height,
        duration_ms: null,
        taken_at: new Date(at)
          .toISOString()
          .replace('.000Z', '+01:00')
          .replace(/\.\d+Z/, '+01:00'),
        taken_from: 'exif',
        latitude: placed ? 54.3 + random() : null,
        longitude: placed ? 9.6 + random() : null,
        altitude: placed ? Math.round(random() * 60) : null,
        place: placed ? 'Rendsburg, Schleswig-Holstein, Germany' : null,
        camera_make: make,
        camera_model: model,
        lens,
        f_number: aperture,
        exposure_time: 1 / Math.round(60 + random() * 900),
        iso: [50, 100, 200, 400, 800][Math.floor(random() * 5)],
        focal_length: focal,
        rating: null,
        title: null,
        description: null,
        tags: [],
        favorite: random() < 0.08,
        motion: null,
        unseen: null,
        home: 'device-1',
        state: 'present',
        ...kind,
      },
    });
    return id;
  }

  newestFirst(): SampleAsset[] {
    return [...this.assets.values()].sort((a, b) => b.at - a.at);
  }

  grid(of: { album?: string; favorites?: boolean }): Grid {
    const album = of.album === undefined ? undefined : this.albums.get(of.album);
    let shown = album
      ? album.assets.flatMap((id) => this.assets.get(id) ?? [])
      : this.newestFirst();
    if (of.favorites) shown = shown.filter(({ asset }) => asset.favorite);
    const where = (holds: (one: SampleAsset) => boolean) =>
      shown.flatMap((one, index) => (holds(one) ? [index] : []));
    const videos = where(({ asset }) => asset.kind === 'video');
    return {
      ids: shown.map(({ asset }) => asset.id),
      ratios: shown.map(
        ({ picture }) => Math.round((picture.width / picture.height) * 1000) / 1000,
      ),
      times: shown.map(({ at }) => at),
      thumbhashes: shown.map(({ picture }) => picture.thumbhash),
      favorites: where(({ asset }) => asset.favorite),
      videos,
      durations: videos.map((index) => shown[index].asset.duration_ms ?? 0),
      motions: where(({ asset }) => asset.motion !== null),
      unseen: where(({ asset }) => asset.unseen !== null),
    };
  }

  album(id: string): Album | undefined {
    const album = this.albums.get(id);
    if (!album) return undefined;
    const times = album.assets.map((asset) => this.assets.get(asset)?.asset.taken_at ?? '').sort();
    return {
      id,
      title: album.title,
      description: album.description ?? '',
      count: album.assets.length,
      cover: album.cover ?? album.assets[0] ?? null,
      created_at: album.created_at,
      first_at: times[0] ?? null,
      last_at: times.at(-1) ?? null,
      links: [...this.links.values()].filter((link) => link.album === id && !link.revoked_at)
        .length,
    };
  }

  link(id: string): Link | undefined {
    const kept = this.links.get(id);
    if (!kept) return undefined;
    const { assets, password: _, ...link } = kept;
    const album = link.album === null ? undefined : this.albums.get(link.album);
    const count = album ? album.assets.length : assets.length;
    const over = link.expires_at !== null && Date.parse(link.expires_at) < Date.now();
    return {
      ...link,
      count,
      title: album ? album.title : count === 1 ? '1 photo' : `${count} photos`,
      state: link.revoked_at ? 'revoked' : over ? 'expired' : 'open',
    };
  }

  /** A lived-in library: albums, and links in every state. */
  furnish(): void {
    const order = this.newestFirst().map(({ asset }) => asset.id);
    const titles = [
      'Autumn by the fjord',
      'Mira’s birthday',
      'A week in the Dolomites with everyone',
      'Allotment',
      'Kiel Week',
    ];
    titles.forEach((title, index) => {
      const id = this.id('album');
      const first = 5 + index * 31;
      this.albums.set(id, {
        id,
        title,
        description: null,
        created_at: '2026-10-02T10:00:00Z',
        assets: order.slice(first, first + 12 + index * 9).reverse(),
        cover: null,
      });
    });
    const albums = [...this.albums.keys()];
    const soon = new Date(Date.now() + 12 * 86_400_000).toISOString();
    const past = new Date(Date.now() - 40 * 86_400_000).toISOString();
    this.makeLink({
      album: albums[0],
      label: 'Grandma',
      password: 'apple-otter',
      expires_at: soon,
    });
    this.makeLink({
      album: albums[2],
      label: 'Everyone on the tour',
      expires_at: null,
      download: 'original',
    });
    this.makeLink({
      assets: order.slice(0, 7),
      label: 'Jonas',
      expires_at: past,
      download: 'none',
    });
    this.makeLink({ album: albums[1], expires_at: soon, revoked_at: past });
  }

  makeLink(of: Partial<SampleLink>): Link {
    const id = this.id('link');
    const key = Array.from(
      { length: 43 },
      (_, i) =>
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[
          (i * 31 + this.#next * 17) % 64
        ],
    ).join('');
    this.links.set(id, {
      id,
      key,
      path: `/share/${key}`,
      url: `http://192.168.1.5:8477/share/${key}`,
      kind: of.album ? 'album' : 'selection',
      album: of.album ?? null,
      label: of.label ?? '',
      description: of.description ?? '',
      has_password: Boolean(of.password),
      password: of.password ?? '',
      expires_at: of.expires_at ?? null,
      download: of.download ?? 'screen',
      show_metadata: of.show_metadata ?? false,
      name: null,
      created_at: new Date(Date.now() - 86_400_000).toISOString(),
      revoked_at: of.revoked_at ?? null,
      assets: of.assets ?? [],
    });
    return this.link(id) as Link;
  }
}
