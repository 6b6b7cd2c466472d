/**
 * The photos of one place (the timeline, an album, the trash…), as much of them as is looked at. How many
 * there are is known at once; sections come as chunks when they are needed and are let go of when many
 * others were. While the library changes, what is seen is replaced at a calm pace, and all at once.
 */
import type { MonthCount } from '../bindings/MonthCount';
import type { Shape } from '../bindings/Shape';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { Chunk, idsOf, type Photo } from './chunk';
import { isDated, keyOf, question, type Scope } from './scope';
import { sectionOf, sectionsOf, type Section } from './sections';
import { Selection } from './selection.svelte';

/** How many chunks stay that nobody needs. */
const kept = 40;
/** What is drawn until a view says how wide it is. */
const unseen: Shape = {
  width: 1000,
  row_height: 200,
  gap: 4,
  squares: false,
  dated: true,
  day_header: 36,
  month_header: 60,
  day_gap: 20,
  day_minimum: 120,
};

/**
 * Where a reader is: how far below the view's top a point of a photo's line is, `within` of its height
 * down; or while that is not known, how much of a section is above.
 */
export type Spot = {
  section: string;
  share: number;
  id: string | null;
  within: number;
  offset: number;
};
type Held = { chunk: Chunk; stale: boolean };

export class Grid {
  months = $state.raw<readonly MonthCount[]>([]);
  sections = $state.raw<readonly Section[]>([]);
  /** How the sections are drawn. */
  shape = $state.raw<Shape>(unseen);
  videos = $state(0);
  loaded = $state(false);
  problem = $state('');
  readonly selection = new Selection(() => this.count);
  /** A photo to bring into sight and focus, as when the viewer gives it back. */
  wanted = $state<string | null>(null);
  /** Where the reader was, so that coming back is coming back. */
  spot: Spot | null = null;
  readonly scope: Scope;

  #held = $state.raw<ReadonlyMap<string, Held>>(new Map());
  /** The sections whose chunks are here; `#hold` keeps it true. */
  #here = $state.raw<readonly Section[]>([]);
  #wished: Shape = unseen;
  #needs = new Map<string, readonly Section[]>();
  /** The rows of the anchor and the focus, while their chunks are away. */
  #away = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();
  #arranging = false;
  #fetching = false;
  #stale = true;
  /** How many changes were heard of. */
  #changes = 0;
  #loading = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #shown = 0;

  /** Hears of no more changes; it is shown no more. */
  readonly end: () => void;

  constructor(scope: Scope) {
    this.scope = scope;
    this.end = host.onChange((change) => this.#heard(change));
  }

  /**
   * How many photos there are. Nothing of a grid is `$derived`: that would belong to the view that first
   * asked for the grid, and stand still from that view's end on.
   */
  get count(): number {
    return this.months.reduce((sum, month) => sum + month.count, 0);
  }

  /** Whether its photos stand newest first under months and days. */
  get dated(): boolean {
    return isDated(this.scope);
  }

  /** The view that shows this grid says so; one that is not shown only remembers to reload. */
  show(): () => void {
    this.#shown += 1;
    if (this.#stale) void this.load();
    return () => {
      this.#shown -= 1;
    };
  }

  /** Says how the grid is to be drawn. What is drawn stays until the other is there. */
  arrange(shape: Shape): void {
    if (JSON.stringify(shape) === JSON.stringify(this.#wished)) return;
    this.#wished = shape;
    if (this.#arranging || (this.months.length === 0 && !this.loaded)) return;
    this.#arranging = true;
    void this.#next(async () => {
      this.#arranging = false;
      await this.#draw(this.months);
    });
  }

  /** Sections that must be there and fresh, for as long as the same one needs no others. */
  need(who: 'view' | 'viewer', sections: readonly Section[]): void {
    this.#needs.set(who, sections);
    if (sections.some(({ key }) => this.#held.get(key)?.stale)) void this.load();
    void this.#fetch();
  }

  /** Keeps what is around a row for the viewer, which walks on from there; around none when it closes. */
  follow(row: number): void {
    const around = [row - 2, row + 2].map((near) => {
      const within = Math.max(0, Math.min(this.count - 1, near));
      return this.sections[sectionOf(this.sections, within)];
    });
    this.need('viewer', row < 0 ? [] : [...new Set(around)].filter((one) => one !== undefined));
  }

  chunkOf(section: Section): Chunk | undefined {
    return this.#held.get(section.key)?.chunk;
  }

  /** The chunk of a section, as soon as it is there. */
  async whole(section: Section): Promise<Chunk> {
    const known = this.chunkOf(section);
    if (known) return known;
    const held = await this.#ask(section, this.shape);
    this.#keep(section, held);
    return held.chunk;
  }

  at(row: number): Photo | undefined {
    const section = this.sections[sectionOf(this.sections, row)];
    const chunk = section && this.chunkOf(section);
    return chunk && row - section.first < chunk.count
      ? chunk.photo(row - section.first)
      : undefined;
  }

  /** The photo of a row, as soon as it is there. */
  async reach(row: number): Promise<Photo | undefined> {
    const section = this.sections[sectionOf(this.sections, row)];
    if (section) await this.whole(section);
    return this.at(row);
  }

  /** The photo of a row, without what is around it. */
  async alone(row: number): Promise<Photo | undefined> {
    const known = this.at(row);
    if (known) return known;
    const { chunk } = await this.#ask({ first: row, count: 1 }, this.shape);
    return chunk.count > 0 ? chunk.photo(0) : undefined;
  }

  /** The row of a photo, as far as is known; −1 when it is not. */
  indexOf(id: string): number {
    for (const section of this.#here) {
      const at = this.chunkOf(section)?.indexOf(id) ?? -1;
      if (at >= 0) return section.first + at;
    }
    return this.#away.get(id) ?? -1;
  }

  photo(id: string): Photo | undefined {
    const photo = this.at(this.indexOf(id));
    return photo?.id === id ? photo : undefined;
  }

  /** The ids of some rows, or of all, asked of the node when they are not all here. */
  async ids(first = 0, count = this.count): Promise<string[]> {
    const here: string[] = [];
    for (let row = first; row < first + count; row += 1) {
      const photo = this.at(row);
      if (!photo) break;
      here.push(photo.id);
    }
    if (here.length === count) return here;
    return idsOf(await host.chunk({ ...question(this.scope), first, count, shape: null }));
  }

  /** The chosen ids, in the order of the grid as far as that is known. */
  async chosen(): Promise<string[]> {
    const { named } = this.selection;
    if (named === null) return (await this.ids()).filter((id) => this.selection.has(id));
    if (named.size > 2000) return [...named];
    const rows = [...named].map((id) => ({ id, row: this.indexOf(id) }));
    return rows.sort((a, b) => a.row - b.row).map(({ id }) => id);
  }

  /** Whether something holds of every chosen photo; not when some of them are not here. */
  everyChosen(holds: (photo: Photo) => boolean): boolean {
    const { named } = this.selection;
    if (named === null || named.size === 0 || named.size > 2000) return false;
    return [...named].every((id) => {
      const photo = this.photo(id);
      return photo !== undefined && holds(photo);
    });
  }

  /** Whether any chosen photo is another person's, or on another machine, as far as they are here. */
  someChosen(what: 'others' | 'away'): boolean {
    const chosen = (id: string) => this.selection.has(id);
    if (this.selection.size === 0) return false;
    return this.#here.some((section) => this.chunkOf(section)?.some(what, chosen));
  }

  /** From the anchor to a row, both included, also over rows that are not here. */
  async extendTo(row: number, add = false): Promise<void> {
    const { anchor } = this.selection;
    const from = anchor === null ? -1 : this.indexOf(anchor);
    const end = await this.reach(row);
    if (!end) return;
    if (from < 0) {
      this.selection.only(end.id);
      return;
    }
    const first = Math.min(from, row);
    const range = await this.ids(first, Math.abs(row - from) + 1);
    if (this.selection.anchor === anchor) this.selection.extend(range, end.id, add);
  }

  /** What takes the place of photos that go: the next that stays, or at the end the last. */
  inPlaceOf(going: readonly string[]): string | null {
    const gone = new Set(going);
    const from = Math.max(0, this.indexOf(this.selection.focus ?? going[0]));
    for (const way of [1, -1]) {
      let photo = this.at(from);
      for (let row = from; photo && gone.has(photo.id); photo = this.at(row)) row += way;
      if (photo) return photo.id;
    }
    return null;
  }

  async load(): Promise<void> {
    if (this.#loading) {
      this.#stale = true;
      return;
    }
    this.#loading = true;
    this.#stale = false;
    const started = performance.now();
    await this.#next(async () => {
      const { months } = await host.call('timeline', question(this.scope));
      await this.#draw(months);
      void this.#countVideos();
    });
    // The larger the library, the longer the rest: reloading never takes more than a fifth.
    const rest = Math.max(350, (performance.now() - started) * 4);
    this.#rest = setTimeout(() => {
      this.#loading = false;
      if (this.#stale && this.#shown > 0) void this.load();
    }, rest);
  }

  /** Lets go of everything, as of what may not be seen any more. */
  forget(): void {
    this.sections = [];
    this.#hold(new Map());
    this.months = [];
    this.videos = 0;
    this.spot = null;
    this.#away.clear();
    this.selection.clear();
    this.selection.point(null);
    this.wanted = null;
    this.loaded = false;
    this.problem = '';
    this.#stale = true;
  }

  /** For tests: ends the rest after a load. */
  settle(): void {
    clearTimeout(this.#rest);
    this.#loading = false;
  }

  /** One after the other, so that what is asked and what is drawn belong together. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      try {
        await work();
        this.problem = '';
      } catch (thrown) {
        this.problem = sentence(thrown);
      }
      this.loaded = true;
    });
    return this.#turn;
  }

  async #ask({ first, count }: Pick<Section, 'first' | 'count'>, shape: Shape): Promise<Held> {
    const heard = this.#changes;
    const bytes = await host.chunk({ ...question(this.scope), first, count, shape });
    return { chunk: new Chunk(bytes), stale: heard !== this.#changes };
  }

  /** Draws the grid anew: what is needed comes first, so that all of it changes at once. */
  async #draw(months: readonly MonthCount[]): Promise<void> {
    const shape = this.#wished;
    const sections = sectionsOf(months, shape);
    const same = shape === this.shape;
    const old = this.#held;
    const needed = this.#counterparts(sections, months);
    const held = new Map<string, Held>();
    const counts = new Map(this.sections.map(({ key, count }) => [key, count]));
    for (const section of sections) {
      const known = old.get(section.key);
      const usable = known && same && counts.get(section.key) === section.count;
      if (usable && !(known.stale && needed.has(section))) held.set(section.key, known);
    }
    for (const section of needed) {
      if (held.has(section.key)) continue;
      held.set(section.key, await this.#ask(section, shape));
    }
    const focus = this.selection.focus;
    const was = focus === null ? -1 : this.indexOf(focus);
    const before = [...old.values()].filter(({ chunk }) => !holds(held, chunk));
    this.sections = sections;
    this.shape = shape;
    this.months = months;
    this.#hold(held);
    this.#letGo(before, was);
    void this.#fetch();
  }

  /** The sections that stand now where those stood that are needed. */
  #counterparts(sections: readonly Section[], months: readonly MonthCount[]): Set<Section> {
    const firsts = new Map<string, number>();
    months.reduce((first, { month, count }) => (firsts.set(month, first), first + count), 0);
    const found = new Set<Section>();
    for (const old of [...this.#needs.values()].flat()) {
      const [month] = old.months;
      const begun = month ? old.first - (this.#firstOf(month.month) ?? old.first) : 0;
      const row = month ? (firsts.get(month.month) ?? old.first) + begun : old.first;
      for (const at of [row, row + old.count - 1]) {
        const section = sections[sectionOf(sections, at)];
        if (section) found.add(section);
      }
    }
    if (found.size === 0 && sections[0]) found.add(sections[0]);
    return found;
  }

  #firstOf(wanted: string): number | undefined {
    let first = 0;
    for (const { month, count } of this.months) {
      if (month === wanted) return first;
      first += count;
    }
    return undefined;
  }

  /** Lets go of what left the grid; the focus goes to what took its place. */
  #letGo(before: readonly Held[], was: number): void {
    const gone = (id: string) =>
      this.indexOf(id) < 0 && before.some(({ chunk }) => chunk.indexOf(id) >= 0);
    const { named, focus } = this.selection;
    if (named && named.size <= 2000) this.selection.drop([...named].filter(gone));
    if (focus === null || !gone(focus)) return;
    const chunk = before.find((one) => one.chunk.indexOf(focus) >= 0)?.chunk;
    for (let at = chunk?.indexOf(focus) ?? 0; chunk && at < chunk.count; at += 1) {
      if (this.indexOf(chunk.id(at)) < 0) continue;
      this.selection.point(chunk.id(at));
      return;
    }
    this.selection.point(this.at(Math.min(was, this.count - 1))?.id ?? null);
  }

  /** Brings what is needed and not there, the latest wish first. */
  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      for (;;) {
        const section = [...this.#needs.values()].flat().find((one) => this.#lacks(one));
        if (!section) break;
        const { shape } = this;
        const held = await this.#ask(section, shape);
        if (shape === this.shape) this.#keep(section, held);
      }
    } catch (thrown) {
      this.problem = sentence(thrown);
    } finally {
      this.#fetching = false;
    }
  }

  /** Only sections of now are asked for: those of before are replaced by a drawing. */
  #lacks(section: Section): boolean {
    return !this.#held.has(section.key) && this.sections.includes(section);
  }

  #keep(section: Section, came: Held): void {
    if (!this.sections.includes(section)) return;
    const held = new Map(this.#held);
    held.delete(section.key);
    held.set(section.key, came);
    const needed = new Set([...this.#needs.values()].flat().map(({ key }) => key));
    for (const key of held.keys()) {
      if (held.size <= kept + needed.size) break;
      if (needed.has(key) || key === section.key) continue;
      this.#remember(key);
      held.delete(key);
    }
    this.#hold(held);
  }

  #hold(held: ReadonlyMap<string, Held>): void {
    this.#held = held;
    this.#here = this.sections.filter(({ key }) => held.has(key));
  }

  /** Notes where the anchor and the focus are in a chunk that goes. */
  #remember(key: string): void {
    const section = this.sections.find((one) => one.key === key);
    const chunk = this.#held.get(key)?.chunk;
    for (const id of [this.selection.anchor, this.selection.focus]) {
      const at = id === null ? -1 : (chunk?.indexOf(id) ?? -1);
      if (id !== null && at >= 0 && section) this.#away.set(id, section.first + at);
    }
    for (const id of this.#away.keys())
      if (id !== this.selection.anchor && id !== this.selection.focus) this.#away.delete(id);
  }

  async #countVideos(): Promise<void> {
    const asked = question(this.scope);
    if (asked.type !== undefined && asked.type !== 'video') {
      this.videos = 0;
      return;
    }
    try {
      const { months } = await host.call('timeline', { ...asked, type: 'video' });
      this.videos = months.reduce((sum, month) => sum + month.count, 0);
    } catch {
      // How many of them are videos is only said beside how many there are.
    }
  }

  #heard({ noun, id }: Change): void {
    const mine =
      noun === 'everything' ||
      noun === 'asset' ||
      (noun === 'album' && this.scope.kind === 'album' && [null, this.scope.album].includes(id)) ||
      (noun === 'link' && this.scope.kind === 'link' && [null, this.scope.link].includes(id));
    if (!mine) return;
    this.#changes += 1;
    const all = [...this.#held.values()];
    const known =
      noun === 'asset' && id !== null ? all.find((one) => one.chunk.indexOf(id) >= 0) : undefined;
    for (const one of known ? [known] : all) one.stale = true;
    this.#stale = true;
    if (this.#shown > 0 && !this.#loading) void this.load();
  }
}

function holds(held: ReadonlyMap<string, Held>, chunk: Chunk): boolean {
  for (const one of held.values()) if (one.chunk === chunk) return true;
  return false;
}

const grids = new Map<string, Grid>();

/** So many of what was looked for lately are kept. */
const lately = 6;

/** One grid per place for as long as the window lives: returning finds it as it was left. */
export function gridOf(scope: Scope): Grid {
  const key = keyOf(scope);
  let grid = grids.get(key);
  if (!grid) {
    grid = new Grid(scope);
    grids.set(key, grid);
    const passing = [...grids].filter(([one]) => one.startsWith('lately/'));
    for (const [one, old] of passing.slice(0, -lately)) {
      old.end();
      grids.delete(one);
    }
  }
  return grid;
}

export function forgetGrids(): void {
  grids.forEach((grid) => grid.end());
  grids.clear();
}
