/** The sample library: what a household's node would answer, held in memory. */
import type { Album } from '../bindings/Album';
import type { AlbumOrder } from '../bindings/AlbumOrder';
import type { AlbumSharing } from '../bindings/AlbumSharing';
import type { Asset } from '../bindings/Asset';
import type { Comment } from '../bindings/Comment';
import type { AssetList } from '../bindings/AssetList';
import type { Grid } from '../bindings/Grid';
import type { Link } from '../bindings/Link';
import type { ListAssets } from '../bindings/ListAssets';
import type { ShelfName } from '../bindings/ShelfName';
import type { ShowChunk } from '../bindings/ShowChunk';
import type { ShowGrid } from '../bindings/ShowGrid';
import type { ShowTimeline } from '../bindings/ShowTimeline';
import type { Timeline } from '../bindings/Timeline';
import { pack, packIds } from './chunk';
import { CallError, type OwnKeep, type Rendition } from '../host';
import { duplicate } from './duplicates';
import { shareAtHome, unshared } from './household';
import { speak } from './speak';
import { waitingUploads, type SampleUpload } from './inbox';
import { cameras, varied } from './kinds';
import { offered, painted, seeded, type SamplePicture } from './pictures';
import { placeOf, within } from './places';

export type SampleAsset = {
  asset: Asset;
  /** As it is seen, and as its camera left it. */
  picture: SamplePicture;
  original: SamplePicture;
  at: number;
  lies: { archived: boolean; trashed: boolean; locked: boolean };
  /** The household's own file, when it is referred to in place. */
  own: string | null;
  /** What a visitor sent it through. */
  through?: string;
  waits?: boolean;
  /** Whose it is, where it is another person's; or on which other machine of one's own. */
  owner?: string;
  machine?: string;
};
export type SampleAlbum = {
  id: string;
  title: string;
  description: string | null;
  created_at: string;
  /** Oldest first; and how they stand, where that is otherwise. */
  assets: string[];
  order?: AlbumOrder;
  cover: string | null;
  /** How it is shared; an album of one's own that nobody is in, where that lacks. */
  sharing?: AlbumSharing;
};
export type SampleLink = Omit<
  Link,
  'count' | 'title' | 'state' | 'comment_count' | 'unread' | 'waiting'
> & {
  assets: string[];
  password: string;
  paused: boolean;
  /** How many files came through it in this session. */
  arrived: number;
};

const newest = Date.UTC(2026, 10, 21, 16, 40);

export class SampleLibrary {
  assets = new Map<string, SampleAsset>();
  albums = new Map<string, SampleAlbum>();
  links = new Map<string, SampleLink>();
  /** Oldest first. */
  comments: Comment[] = [];
  /** What the owner likes: whose conversation, and which photo of it. */
  likes = new Set<string>();
  /** What visitors sent, and waits for an answer; oldest first. */
  uploads: SampleUpload[] = [];
  /** The ids of photos that look the same, the one to keep first. */
  twins: string[][] = [];
  /** How many are still to be compared. */
  comparing = 0;
  lockedOpen = false;
  sharing = false;
  /** The libraries of others, by whose they are, and whether they show in the timeline. */
  beyond = new Map<string, { library: SampleLibrary; shown: boolean }>();
  #pictures: SamplePicture[] = [];
  #next = 1;
  readonly #series: string;
  readonly #first: number;

  /** Another library's photos have ids of another series, and are others from their first number on. */
  constructor(series = '8000', first = 0) {
    this.#series = series;
    this.#first = first;
  }

  async open(): Promise<void> {
    this.#pictures = import.meta.env.MODE === 'test' ? [] : await offered();
  }

  id(kind: string): string {
    // Photos have ids as the node's, which travel as bytes.
    if (kind === 'asset')
      return `0190b6a0-0000-7000-${this.#series}-${String(this.#next++).padStart(12, '0')}`;
    return `${kind}-${String(this.#next++).padStart(6, '0')}`;
  }

  fill(count: number, seed = 4): void {
    const random = seeded(seed);
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

  add(at: number, random: () => number, own: string | null = null): string {
    const id = this.id('asset');
    const number = this.#first + this.assets.size;
    const { picture: drawn, ...kind } = varied(number);
    const picture = drawn
      ? drawn
      : this.#pictures.length > 0
        ? this.#pictures[(number * 7) % this.#pictures.length]
        : painted(number);
    const [make, model, lens, aperture, focal] = cameras[Math.floor(random() * cameras.length)];
    const placed = random() < 0.7;
    const town = placeOf(number, seeded(number + 31));
    this.assets.set(id, {
      picture,
      original: picture,
      at,
      lies: { archived: false, trashed: false, locked: false },
      own,
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
        latitude: placed ? town.latitude : null,
        longitude: placed ? town.longitude : null,
        altitude: placed ? Math.round(random() * 60) : null,
        place: placed ? town.full_name : null,
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
        turn: 0,
        contributor: null,
        is_mine: true,
        motion: null,
        unseen: null,
        home: 'device-1',
        state: 'present',
        ...kind,
      },
    });
    return id;
  }

  /** A photo's picture; only its original is as its camera left it. */
  pictureUrl(id: string, rendition: Rendition, keep: OwnKeep): string {
    if (keep === 'inbox') return this.uploads.find((one) => one.id === id)?.picture.url ?? '';
    const found = this.find(id);
    if (!found) return '';
    return (rendition === 'original' ? found.original : found.picture).url;
  }

  /** A photo of this library, or of one of the others. */
  find(id: string): SampleAsset | undefined {
    const others = [...this.beyond.values()].map(({ library }) => library.assets.get(id));
    return this.assets.get(id) ?? others.find(Boolean);
  }

  newestFirst(): SampleAsset[] {
    return [...this.assets.values()].sort((a, b) => b.at - a.at);
  }

  /** Says in the asset itself where it lies now. */
  settle({ asset, lies }: SampleAsset): string {
    asset.state = lies.trashed
      ? 'trashed'
      : lies.locked
        ? 'locked'
        : lies.archived
          ? 'archived'
          : 'present';
    return asset.state;
  }

  /** What lies on a shelf, newest first. */
  on(shelf: ShelfName): SampleAsset[] {
    if (shelf === 'locked' && !this.lockedOpen)
      throw new CallError('locked', 'Locked photos are closed; open them with your PIN first.');
    const state = {
      timeline: 'present',
      archive: 'archived',
      trash: 'trashed',
      locked: 'locked',
    }[shelf];
    const own = this.newestFirst().filter(({ asset }) => asset.state === state);
    const others = [...this.beyond.values()].filter(({ shown }) => shown && shelf === 'timeline');
    const theirs = others.flatMap(({ library }) => library.newestFirst());
    return theirs.length === 0 ? own : [...own, ...theirs].sort((a, b) => b.at - a.at);
  }

  /** What an album shows, in its order: what lies in the trash is in no album. */
  held({ assets, order }: Pick<SampleAlbum, 'assets' | 'order'>): SampleAsset[] {
    const held = (order === 'newest' ? assets.toReversed() : assets).flatMap(
      (id) => this.assets.get(id) ?? [],
    );
    return held.filter(({ lies }) => !lies.trashed && !lies.locked);
  }

  /** A page of what `assets` lists: the timeline, or what a search or an album narrows it to. */
  list(of: ListAssets): AssetList {
    const album = of.album === undefined ? undefined : this.albums.get(of.album);
    const text = of.query?.trim().toLowerCase() ?? '';
    const within = album && new Set(album.assets);
    const wide = of.shelf === undefined && (album !== undefined || text !== '');
    const found = (
      wide ? this.held({ assets: [...this.assets.keys()] }) : this.on(of.shelf ?? 'timeline')
    )
      .sort((a, b) => b.at - a.at)
      .filter(({ asset }) => within?.has(asset.id) ?? true)
      .filter(({ asset }) => {
        const { name, title, description, camera_make, camera_model, tags } = asset;
        const words = [name, title, description, camera_make, camera_model, ...tags];
        return words.join(' ').toLowerCase().includes(text);
      });
    const from = found.findIndex(({ asset }) => asset.id === of.after) + 1;
    const page = found.slice(from, from + (of.limit ?? 100)).map(({ asset }) => ({ ...asset }));
    const next = from + page.length < found.length ? (page.at(-1)?.id ?? null) : null;
    return { assets: page, next };
  }

  /** The rows of a grid. */
  #gathered(of: Omit<ShowGrid, 'first' | 'count'>): SampleAsset[] {
    const { partner, area, link, rating_at_least: stars } = of;
    const theirs = partner && (this.beyond.get(partner)?.library ?? new SampleLibrary());
    const [from, id] = theirs ? [theirs, of.partner_album] : [this, of.album];
    const album = id === undefined ? undefined : from.albums.get(id);
    let shown = album
      ? from.held(album)
      : theirs
        ? theirs.newestFirst()
        : this.on(of.shelf ?? 'timeline');
    if (link) shown = shown.filter(({ asset }) => this.links.get(link)?.assets.includes(asset.id));
    if (area !== undefined) shown = shown.filter((one) => within(one, area));
    const words = (of.query ?? '').toLowerCase().match(/\S+/g) ?? [];
    const text = ({ asset }: SampleAsset) =>
      [asset.name, asset.title, asset.description, asset.place, asset.camera_model, ...asset.tags]
        .join(' ')
        .toLowerCase();
    shown = shown.filter((one) => words.every((word) => text(one).includes(word)));
    if (stars !== undefined) shown = shown.filter(({ asset }) => (asset.rating ?? 0) >= stars);
    if (of.with_place) shown = shown.filter(({ asset }) => asset.latitude !== null);
    if (of.favorites) shown = shown.filter(({ asset }) => asset.favorite);
    if (of.type) shown = shown.filter(({ asset }) => asset.kind === of.type);
    return shown;
  }

  timeline(of: ShowTimeline): Timeline {
    const counts = new Map<string, number>();
    for (const { at } of this.#gathered(of)) {
      const month = new Date(at).toISOString().slice(0, 7);
      counts.set(month, (counts.get(month) ?? 0) + 1);
    }
    const months = [...counts].map(([month, count]) => ({ month, count }));
    return { months: months.sort((a, b) => b.month.localeCompare(a.month)) };
  }

  chunk(of: ShowChunk): ArrayBuffer {
    const { first, count, shape } = of;
    const shown = this.#gathered(of);
    const end = first + count;
    if (!shape) return packIds(shown.slice(first, end).map(({ asset }) => asset.id));
    const rows = shown
      .slice(Math.max(0, first - 1), end + 1)
      .map(({ asset, picture, at, waits, owner, machine }) => ({
        id: asset.id,
        ratio: picture.width / picture.height,
        time: at,
        thumbhash: Uint8Array.from(atob(picture.thumbhash), (letter) => letter.charCodeAt(0)),
        length: asset.kind === 'video' ? (asset.duration_ms ?? 0) : null,
        favourite: asset.favorite,
        live: asset.motion !== null,
        unseen: asset.unseen !== null,
        waits,
        others: owner !== undefined,
        away: machine !== undefined,
      }));
    const before = first > 0 ? rows.shift() : undefined;
    return pack(rows.slice(0, count), shape, before, rows[count]);
  }

  grid(of: ShowGrid): Grid {
    const shown = this.#gathered(of);
    const where = (holds: (one: SampleAsset) => boolean) =>
      shown.flatMap((one, index) => (holds(one) ? [index] : []));
    const videos = where(({ asset }) => asset.kind === 'video');
    return {
      ids: shown.map(({ asset }) => asset.id),
      ratios: shown.map(({ asset }) => Math.round((asset.width / asset.height) * 1000) / 1000),
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
    const held = this.held(album).map(({ asset }) => asset);
    const times = held.map((asset) => asset.taken_at ?? '').sort();
    const cover = held.find((asset) => asset.id === album.cover) ?? held[0];
    return {
      id,
      title: album.title,
      description: album.description ?? '',
      count: held.length,
      order: album.order ?? 'oldest',
      cover: cover?.id ?? null,
      created_at: album.created_at,
      first_at: times[0] ?? null,
      last_at: times.at(-1) ?? null,
      links: [...this.links.values()].filter((link) => link.album === id && !link.revoked_at)
        .length,
      ...this.#said((one) => one.album === id),
      like_count: 0,
      sharing: { ...unshared, ...album.sharing },
    };
  }

  /** How much was said, and how much of it is new. */
  #said(holds: (one: Comment) => boolean) {
    const said = this.comments.filter(holds);
    const unread = said.filter((one) => one.unread).length;
    return { comment_count: said.length, unread };
  }

  link(id: string): Link | undefined {
    const kept = this.links.get(id);
    if (!kept) return undefined;
    const { assets, password: _, paused, arrived: __, ...link } = kept;
    const album = link.album === null ? undefined : this.albums.get(link.album);
    const count = this.held(album ?? { assets }).length;
    const over = link.expires_at !== null && Date.parse(link.expires_at) < Date.now();
    const url = link.name === null ? link.url : `http://192.168.1.5:8477/s/${link.name}`;
    return {
      ...link,
      url,
      ...this.#said((one) => one.through === id),
      waiting: this.uploads.filter((one) => one.link === id).length,
      count,
      title: album ? album.title : count === 1 ? '1 photo' : `${count} photos`,
      state: link.revoked_at ? 'revoked' : over ? 'expired' : paused ? 'paused' : 'open',
    };
  }

  /** A lived-in library: albums, links in every state, some photos archived and some thrown away. */
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
    order.slice(200, 209).forEach((id, index) => {
      const one = this.assets.get(id);
      if (!one) return;
      one.lies = { archived: index < 4, trashed: index >= 4, locked: false };
      if (index === 8) one.own = `/home/mira/Pictures/${one.asset.name}`;
      this.settle(one);
    });
    duplicate(this, order);
    const albums = [...this.albums.keys()];
    const soon = new Date(Date.now() + 12 * 86_400_000).toISOString();
    const past = new Date(Date.now() - 40 * 86_400_000).toISOString();
    this.makeLink({
      album: albums[0],
      label: 'Grandma',
      password: 'apple-otter',
      expires_at: soon,
    });
    const tour = this.makeLink({
      album: albums[2],
      label: 'Everyone on the tour',
      expires_at: null,
      download: 'original',
      people_at_most: 40,
      people: 31,
      upload: 'add',
      visits: 31,
      downloads: 14,
      comments: true,
      like_count: 2,
      visited_at: new Date(Date.now() - 2 * 3_600_000).toISOString(),
    });
    speak(this, albums[2], tour.id);
    this.makeLink({
      assets: order.slice(0, 7),
      label: 'Jonas',
      expires_at: past,
      download: 'none',
    });
    this.makeLink({ album: albums[1], expires_at: soon, revoked_at: past });
    this.uploads = waitingUploads(this);
    shareAtHome(this, order);
  }

  /** The random part of an address. */
  key(): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    this.#next += 1;
    return Array.from({ length: 43 }, (_, i) => letters[(i * 31 + this.#next * 17) % 64]).join('');
  }

  makeLink(of: Partial<SampleLink>): Link {
    const [id, key] = [this.id('link'), this.key()];
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
      comments: of.comments ?? false,
      name: of.name ?? null,
      guessable: of.guessable ?? false,
      people_at_most: of.people_at_most || null,
      people: of.people ?? 0,
      guessed_at: of.guessed_at ?? null,
      maker: of.maker ?? null,
      server: null,
      upload: of.upload ?? 'none',
      auto_accept: of.auto_accept ?? false,
      upload_files: of.upload_files ?? 2000,
      upload_bytes: of.upload_bytes ?? 10e9,
      created_at: new Date(Date.now() - 86_400_000).toISOString(),
      revoked_at: of.revoked_at ?? null,
      visits: of.visits ?? 0,
      downloads: of.downloads ?? 0,
      visited_at: of.visited_at ?? null,
      like_count: of.like_count ?? 0,
      assets: of.assets ?? [],
      paused: false,
      arrived: 0,
    });
    return this.link(id) as Link;
  }
}
