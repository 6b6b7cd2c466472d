/** What is in sight of a grid, and so becomes elements: lines of photos, headers, and what is on its way. */
import { untrack } from 'svelte';
import { holdings } from '../shared/format';
import type { Chunk, Photo } from './chunk';
import type { Grid } from './grid.svelte';
import { headersBetween, lineOf, linesBetween, within } from './layout';
import type { Scroll } from './scroll.svelte';
import { sectionAt, sectionOf, type Section } from './sections';
import { colour } from './thumbhash';

/** A photo and where it stands in the field. */
export type Standing = {
  row: number;
  photo: Photo;
  left: number;
  top: number;
  width: number;
  height: number;
};
/** The place of a photo that flies past, in its one colour. */
export type Passing = Omit<Standing, 'row' | 'photo'> & { colour: string };
/** A section in sight: where it begins in the field, and its chunk when that is there. */
type Part = { at: number; section: Section; top: number; chunk: Chunk | undefined };
/** A day whose header is in sight, in a chunk of the section at `at`. */
type Day = {
  at: number;
  chunk: Chunk;
  day: number;
  row: number;
  /** Wall-clock milliseconds of its first photo. */
  time: number;
  count: string;
  left: number;
  top: number;
  width: number;
};
/**
 * What stood in a chunk, by its place there, while that was where it is: what stands where it stood is the
 * same, so that its elements have nothing to do when the page is scrolled.
 */
type Stood = { at: number; first: number; top: number; photos: Standing[]; days: Day[] };
export type Box = { left: number; top: number; right: number; bottom: number };

/** The sight is reckoned anew after so many px. */
const stride = 160;
/** The most px that a header is tall. */
const tall = 80;

export class Sight {
  readonly #grid: Grid;
  readonly #scroll: Scroll;
  readonly #stood = new WeakMap<Chunk, Stood>();

  constructor(grid: Grid, scroll: Scroll) {
    this.#grid = grid;
    this.#scroll = scroll;
  }

  readonly #near = $derived.by(() => Math.floor(this.#scroll.top / stride) * stride);
  /** How much beyond the view; nothing while it flies past, for it would never be seen. */
  readonly #over = $derived.by(() => {
    const { flying, landing, height } = this.#scroll;
    return flying || landing ? 0 : Math.max(stride, height * 0.35);
  });
  readonly #upper = $derived(this.#near - this.#over);
  readonly #lower = $derived.by(() => this.#near + stride + this.#scroll.height + this.#over);

  /** The row that has the keyboard's focus; −1 when none has. */
  readonly focused = $derived.by(() => {
    const { focus } = this.#grid.selection;
    return focus === null ? -1 : this.#grid.indexOf(focus);
  });

  readonly #parts = $derived.by(() => {
    const all: Part[] = [];
    const { sections } = this.#grid;
    const { tops, origin } = this.#scroll;
    if (sections.length === 0 || tops.length <= sections.length) return all;
    const end = sectionAt(tops, this.#lower);
    for (let at = sectionAt(tops, this.#upper); at <= end; at += 1)
      all.push({
        at,
        section: sections[at],
        top: tops[at] + origin,
        chunk: this.#grid.chunkOf(sections[at]),
      });
    return all;
  });

  /** The first photo that is seen whole: where the Tab key comes in. */
  readonly entry = $derived.by(() => {
    if (this.focused >= 0) return this.focused;
    const { tops } = this.#scroll;
    const top = Math.max(0, this.#near);
    const part = this.#parts.find(({ at, chunk }) => chunk && tops[at] + chunk.height > top);
    if (!part?.chunk) return 0;
    const [line] = linesBetween(part.chunk, top - tops[part.at], Number.POSITIVE_INFINITY);
    return part.section.first + Math.min(part.chunk.lineFirst[line], part.chunk.count - 1);
  });

  /** The photos of the lines in sight, unless they fly past; and the one that has the keyboard's focus. */
  readonly shown = $derived.by(() => {
    const all = this.#scroll.flying ? [] : this.#inSight(this.#standing);
    const { focused } = this;
    const at = all.some(({ row }) => row === focused)
      ? -1
      : sectionOf(this.#grid.sections, focused);
    const section = this.#grid.sections[at];
    const chunk = section && this.#grid.chunkOf(section);
    const inside = focused - (section?.first ?? 0);
    if (chunk && inside < chunk.count && at < this.#scroll.tops.length) {
      const top = this.#scroll.tops[at] + this.#scroll.origin;
      const part = { at, section, top, chunk };
      all.push(this.#standing(part, chunk, inside, lineOf(chunk, inside)));
    }
    return all;
  });

  /** What is drawn of the lines in sight while they fly past. */
  readonly passing = $derived.by(() => (this.#scroll.flying ? this.#inSight(passing) : []));

  readonly months = $derived.by(() =>
    this.#parts.flatMap((part) => {
      const { section, top, chunk } = part;
      if (!chunk) return [];
      const between = (upper: number, lower: number) =>
        headersBetween(chunk.monthTops, upper, lower, tall);
      return range(...this.#within(part, between)).map((month) => ({
        row: section.first + chunk.monthFirst[month],
        time: chunk.times[chunk.monthFirst[month]],
        top: top + chunk.monthTops[month],
      }));
    }),
  );

  readonly days = $derived.by(() =>
    this.#parts.flatMap((part) => {
      const { chunk } = part;
      if (!chunk) return [];
      const between = (upper: number, lower: number) =>
        headersBetween(chunk.dayTops, upper, lower, tall);
      return range(...this.#within(part, between)).map((day) => this.#day(part, chunk, day));
    }),
  );

  /** Whether all photos of a day in sight are chosen. */
  isChosen({ chunk, day }: Day): boolean {
    const { selection } = this.#grid;
    if (selection.size === 0) return false;
    const photos = range(chunk.dayFirst[day], chunk.dayFirst[day + 1]);
    return photos.every((at) => selection.has(chunk.id(at)));
  }

  /** Sections in sight that are on their way. */
  readonly coming = $derived.by(() =>
    this.#parts
      .filter(({ chunk }) => !chunk)
      .map(({ at, section, top }) => ({
        key: section.key,
        top,
        height: this.#scroll.tops[at + 1] - this.#scroll.tops[at],
      })),
  );

  /** Asks for what is in sight, then for what is below it, then for what is above. */
  need(): void {
    const { sections } = this.#grid;
    const { tops, height } = this.#scroll;
    if (height === 0 || tops.length <= sections.length || sections.length === 0) return;
    const first = sectionAt(tops, this.#near - height);
    const seen = sectionAt(tops, this.#near);
    const end = sectionAt(tops, this.#near + 2 * height) + 1;
    const needed = [...sections.slice(seen, end), ...sections.slice(first, seen).reverse()];
    untrack(() => this.#grid.need('view', needed));
  }

  /** The photos under a rectangle of the grid, of those that are here. */
  under(box: Box): string[] {
    const { tops } = this.#scroll;
    const ids: string[] = [];
    for (let at = sectionAt(tops, box.top); at <= sectionAt(tops, box.bottom); at += 1) {
      const section = this.#grid.sections[at];
      const chunk = section && this.#grid.chunkOf(section);
      if (!chunk) continue;
      const own = { ...box, top: box.top - tops[at], bottom: box.bottom - tops[at] };
      for (const found of within(chunk, own)) ids.push(chunk.id(found));
    }
    return ids;
  }

  readonly #standing = (part: Part, chunk: Chunk, at: number, line: number): Standing => {
    const { photos } = this.#stoodIn(part, chunk);
    const row = part.section.first + at;
    return (photos[at] ??= { row, photo: chunk.photo(at), ...placeOf(part, chunk, at, line) });
  };

  #day(part: Part, chunk: Chunk, day: number): Day {
    const { days } = this.#stoodIn(part, chunk);
    const [from, to] = [chunk.dayFirst[day], chunk.dayFirst[day + 1]];
    return (days[day] ??= {
      at: part.at,
      chunk,
      day,
      row: part.section.first + from,
      time: chunk.times[from],
      count: holdings(to - from, chunk.videosBetween(from, to)),
      left: chunk.dayLefts[day],
      top: part.top + chunk.dayTops[day],
      width: chunk.dayWidths[day],
    });
  }

  #stoodIn({ at, section: { first }, top }: Part, chunk: Chunk): Stood {
    let stood = this.#stood.get(chunk);
    if (stood?.at !== at || stood.first !== first || stood.top !== top) {
      stood = { at, first, top, photos: [], days: [] };
      this.#stood.set(chunk, stood);
    }
    return stood;
  }

  /** What `of` makes of each photo of the lines in sight. */
  #inSight<T>(of: (part: Part, chunk: Chunk, at: number, line: number) => T): T[] {
    const all: T[] = [];
    for (const part of this.#parts) {
      const { chunk } = part;
      if (!chunk) continue;
      const [first, end] = this.#within(part, (upper, lower) => linesBetween(chunk, upper, lower));
      for (let line = first; line < end; line += 1)
        for (let at = chunk.lineFirst[line]; at < chunk.lineFirst[line + 1]; at += 1)
          all.push(of(part, chunk, at, line));
    }
    return all;
  }

  #within<T>({ at }: Part, ask: (upper: number, lower: number) => T): T {
    const above = this.#scroll.tops[at];
    return ask(this.#upper - above, this.#lower - above);
  }
}

function passing(part: Part, chunk: Chunk, at: number, line: number): Passing {
  return { colour: colour(chunk.thumbhash(at)), ...placeOf(part, chunk, at, line) };
}

function placeOf({ top }: Part, chunk: Chunk, at: number, line: number) {
  return {
    left: chunk.lefts[at],
    top: top + chunk.lineTops[line],
    width: chunk.widths[at],
    height: chunk.lineHeights[line],
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
