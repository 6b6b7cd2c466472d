/**
 * The photos of one place (the timeline, an album, the trash…) as columns, kept true while the library
 * changes. An import announces itself many times a second; the grid reloads at a calm pace.
 */
import type { Change, Payload } from '../host';
import { host, sentence } from '../host';
import { lastAtMost } from './layout';
import { Selection } from './selection.svelte';

export type Scope =
  | { kind: 'all' | 'favourites' | 'archive' | 'trash' | 'locked' }
  | { kind: 'album'; album: string }
  | { kind: 'area'; area: string };

/** What the node is asked for to show a place. */
function question(scope: Scope): Payload<'grid'> {
  if (scope.kind === 'album') return { album: scope.album };
  if (scope.kind === 'area') return { area: scope.area };
  if (scope.kind === 'favourites') return { favorites: true };
  return scope.kind === 'all' ? {} : { shelf: scope.kind };
}

export class Grid {
  ids = $state.raw<readonly string[]>([]);
  ratios = $state.raw<Float32Array>(new Float32Array());
  times = $state.raw<Float64Array>(new Float64Array());
  thumbhashes = $state.raw<readonly string[]>([]);
  favourites = $state.raw<ReadonlySet<string>>(new Set());
  /** The videos, and how long each is in milliseconds; 0 when that is not known. */
  lengths = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** Photos with a live part. */
  live = $state.raw<ReadonlySet<string>>(new Set());
  /** What cannot be previewed. */
  unseen = $state.raw<ReadonlySet<string>>(new Set());
  loaded = $state(false);
  problem = $state('');
  readonly selection = new Selection();
  /** A photo to bring into sight and focus, as when the viewer gives it back. */
  wanted = $state<string | null>(null);
  /** Where the reader was, so that coming back is coming back. */
  scrollTop = 0;
  readonly scope: Scope;

  #videos = $state.raw<readonly number[]>([]);
  #places = $state.raw<ReadonlyMap<string, number>>(new Map());
  #stale = true;
  #loading = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #shown = 0;

  constructor(scope: Scope) {
    this.scope = scope;
    host.onChange((change) => this.#heard(change));
  }

  /** The view that shows this grid says so; one that is not shown only remembers to reload. */
  show(): () => void {
    this.#shown += 1;
    if (this.#stale) void this.load();
    return () => {
      this.#shown -= 1;
    };
  }

  indexOf(id: string): number {
    return this.#places.get(id) ?? -1;
  }

  /** What takes the place of photos that go: the next that stays, or at the end the last. */
  inPlaceOf(going: readonly string[]): string | null {
    const gone = new Set(going);
    const stays = (id: string) => !gone.has(id);
    const from = Math.max(0, this.indexOf(this.selection.focus ?? going[0]));
    return this.ids.slice(from).find(stays) ?? this.ids.slice(0, from).findLast(stays) ?? null;
  }

  /** How many of the photos from one index up to, not including, another are videos. */
  videosBetween(from: number, end: number): number {
    return lastAtMost(this.#videos, end - 1) - lastAtMost(this.#videos, from - 1);
  }

  async load(): Promise<void> {
    if (this.#loading) {
      this.#stale = true;
      return;
    }
    this.#loading = true;
    this.#stale = false;
    const started = performance.now();
    try {
      const columns = await host.call('grid', question(this.scope));
      const before = this.ids;
      this.ratios = Float32Array.from(columns.ratios);
      this.times = Float64Array.from(columns.times);
      this.thumbhashes = columns.thumbhashes;
      const named = (indices: number[]) => new Set(indices.map((index) => columns.ids[index]));
      this.favourites = named(columns.favorites);
      this.live = named(columns.motions);
      this.unseen = named(columns.unseen);
      this.lengths = new Map(
        columns.videos.map((index, at) => [columns.ids[index], columns.durations[at] ?? 0]),
      );
      this.#videos = columns.videos;
      this.#places = new Map(columns.ids.map((id, index) => [id, index]));
      this.ids = columns.ids;
      this.selection.keep(before, columns.ids);
      this.loaded = true;
      this.problem = '';
    } catch (thrown) {
      this.problem = sentence(thrown);
      this.loaded = true;
    }
    // The larger the library, the longer the rest: reloading never takes more than a fifth.
    const rest = Math.max(350, (performance.now() - started) * 4);
    this.#rest = setTimeout(() => {
      this.#loading = false;
      if (this.#stale && this.#shown > 0) void this.load();
    }, rest);
  }

  /** Lets go of everything, as of what may not be seen any more. */
  forget(): void {
    this.ids = [];
    this.thumbhashes = [];
    this.ratios = new Float32Array();
    this.times = new Float64Array();
    this.favourites = this.live = this.unseen = new Set();
    this.lengths = new Map();
    this.#videos = [];
    this.#places = new Map();
    this.selection.clear();
    this.wanted = null;
    this.loaded = false;
    this.problem = '';
    this.#stale = true;
  }

  #heard({ noun, id }: Change): void {
    const mine =
      noun === 'everything' ||
      noun === 'asset' ||
      (noun === 'album' && this.scope.kind === 'album' && (id === null || id === this.scope.album));
    if (!mine) return;
    this.#stale = true;
    if (this.#shown > 0 && !this.#loading) void this.load();
  }

  /** For tests: ends the rest after a load. */
  settle(): void {
    clearTimeout(this.#rest);
    this.#loading = false;
  }
}

const grids = new Map<string, Grid>();

/** One grid per place for as long as the window lives: returning finds it as it was left. */
export function gridOf(scope: Scope): Grid {
  const key =
    scope.kind === 'album'
      ? `album/${scope.album}`
      : scope.kind === 'area'
        ? `area/${scope.area}`
        : scope.kind;
  let grid = grids.get(key);
  if (!grid) {
    grid = new Grid(scope);
    grids.set(key, grid);
  }
  return grid;
}

export function forgetGrids(): void {
  grids.clear();
}
