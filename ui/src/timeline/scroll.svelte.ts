/**
 * Where the view is in a grid. It is a section and a place within it, never a height in the whole grid:
 * so nothing that is seen moves when a section comes to be taller than was guessed. The page scrolls
 * natively over a field of bounded height, in which the grid is moved while nobody scrolls.
 */
import { tick } from 'svelte';
import type { Shape } from '../bindings/Shape';
import type { Grid, Spot } from './grid.svelte';
import { lineOf, lastAtMost } from './layout';
import {
  guessed,
  originFor,
  sectionAt,
  sectionOf,
  tallest,
  topsOf,
  type Section,
} from './sections';

/** Px per ms beyond which the reader sees nothing but a blur. */
const fling = 5;
/** Milliseconds without scrolling after which it is over. */
const rest = 120;

export class Scroll {
  scroller = $state<HTMLElement>();
  /** Of the view, and of what stands above the grid. */
  height = $state(0);
  head = $state(0);
  flying = $state(false);
  /** It has just come to rest: what is beyond the view is drawn a frame after what is in it. */
  landing = $state(false);
  /** Where each section begins in the grid, and at last where the grid ends. */
  tops = $state.raw<Float64Array>(new Float64Array(1));
  /** What is added to a height in the grid to have its place in the field. */
  origin = $state(0);
  /** Where the page is scrolled to. */
  #page = $state(0);
  /** The view's top, in the grid. */
  readonly top = $derived(this.#page - this.head - this.origin);
  readonly total = $derived(this.tops[this.tops.length - 1]);
  /** How tall the field is in the page. */
  readonly field = $derived(Math.max(0, Math.min(tallest, this.total + this.origin)));

  readonly #grid: Grid;
  #spot: Spot | null;
  #returning: boolean;
  /** The spot is to stay in its place in the view when the grid is drawn anew. */
  #pinned = false;
  #drawn: Shape | null = null;
  #last = { at: 0, page: 0 };
  #calm: ReturnType<typeof setTimeout> | undefined;
  /** The row that was to be reached last; an earlier one is reached no more. */
  #aim = -1;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#spot = grid.spot;
    this.#returning = grid.spot !== null;
  }

  /** How tall each section is, and what is seen stays where it is. */
  arrange(sections: readonly Section[]): void {
    const { shape } = this.#grid;
    const redrawn = shape !== this.#drawn;
    this.#drawn = shape;
    const heights = sections.map(
      (section) => this.#grid.chunkOf(section)?.height ?? guessed(section, shape),
    );
    this.tops = topsOf(heights);
    if (this.total === 0 || this.height === 0) return;
    const y = this.#spot && this.#placeOf(this.#spot, sections);
    if (this.#returning && y !== null) {
      void this.to(y).then(() => (this.#returning = false));
      return;
    }
    if (y !== null && this.#pinned && redrawn) {
      this.#pinned = false;
      void this.to(Math.max(0, Math.min(y, this.total - this.height)));
      return;
    }
    if (y !== null && this.#page > this.head) this.origin = this.#page - this.head - y;
    if (this.#calm === undefined) void this.#settle();
  }

  scrolled(): void {
    if (!this.scroller || this.#returning) return;
    const page = this.scroller.scrollTop;
    const now = performance.now();
    const speed = Math.abs(page - this.#last.page) / Math.max(8, now - this.#last.at);
    this.#last = { at: now, page };
    if (speed > fling) this.flying = true;
    this.#page = page;
    this.#remember();
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      if (this.flying) this.#land();
      void this.#settle();
    }, rest);
    // An end of the grid that was reached earlier than was guessed is an end at once.
    if (this.top < 0 && this.origin > 0) void this.#settle();
  }

  /** Brings a section into view, this far into it. */
  async jump(at: number, share: number): Promise<void> {
    const section = this.#grid.sections[at];
    if (!section || this.tops.length <= at + 1) return;
    const y = this.tops[at] + share * (this.tops[at + 1] - this.tops[at]);
    await this.to(y);
    this.#spot = this.#grid.spot = { section: section.key, share, id: null, within: 0, offset: 0 };
  }

  /** Brings a row to the view's top, below its headers. */
  async reach(row: number): Promise<void> {
    const { sections } = this.#grid;
    const at = sectionOf(sections, row);
    const section = sections[at];
    if (!section) return;
    this.#aim = row;
    await this.jump(at, (row - section.first) / section.count);
    const chunk = await this.#grid.whole(section);
    await tick();
    if (this.#aim !== row) return;
    const month = chunk.monthTops[[...chunk.monthFirst].indexOf(row - section.first)];
    const top = month ?? chunk.lineTops[lineOf(chunk, row - section.first)];
    await this.to(this.tops[at] + top);
  }

  /** Keeps this photo, or what is at this height of the view, in its place there when the grid is drawn anew. */
  pin(offset: number, photo?: string): void {
    const { sections } = this.#grid;
    const y = this.top + offset;
    const at = sectionAt(this.tops, y);
    const chunk = sections[at] && this.#grid.chunkOf(sections[at]);
    if (!chunk || !this.#spot) return;
    const line = Math.max(0, lastAtMost(chunk.lineTops, y - this.tops[at]));
    const down = (y - this.tops[at] - chunk.lineTops[line]) / chunk.lineHeights[line];
    const id = photo ?? chunk.id(chunk.lineFirst[line]);
    this.#spot = { ...this.#spot, id, within: Math.min(1, Math.max(0, down)), offset };
    this.#pinned = true;
  }

  /** Moves the view so that it begins at this height of the grid. */
  async to(y: number): Promise<void> {
    this.origin = originFor(y, this.total);
    this.#page = y + this.head + this.origin;
    await this.#turn(this.#page);
  }

  end(): void {
    clearTimeout(this.#calm);
  }

  #land(): void {
    this.flying = false;
    this.landing = true;
    requestAnimationFrame(() => setTimeout(() => (this.landing = false)));
  }

  /** Scrolls the page, once the field is as tall as it must be for that. */
  async #turn(page: number): Promise<void> {
    await tick();
    if (!this.scroller) return;
    this.scroller.scrollTop = page;
    this.#page = this.scroller.scrollTop;
    this.#last = { at: performance.now(), page: this.#page };
    this.#remember();
  }

  /** Moves the grid in the field to where both its ends can be reached; nothing seen moves. */
  async #settle(): Promise<void> {
    const origin = originFor(this.top, this.total);
    const by = origin - this.origin;
    if (Math.abs(by) < 0.5) return;
    this.origin = origin;
    this.#page = Math.max(0, this.#page + by);
    await this.#turn(this.#page);
  }

  #remember(): void {
    const { sections } = this.#grid;
    const at = sectionAt(this.tops, this.top);
    const section = sections[at];
    if (!section) return;
    const within = this.top - this.tops[at];
    const chunk = this.#grid.chunkOf(section);
    const spot: Spot = {
      section: section.key,
      share: Math.max(0, within / Math.max(1, this.tops[at + 1] - this.tops[at])),
      id: null,
      within: 0,
      offset: 0,
    };
    if (chunk && chunk.lineTops.length > 0) {
      const line = Math.max(0, lastAtMost(chunk.lineTops, within));
      spot.id = chunk.id(chunk.lineFirst[line]);
      spot.offset = chunk.lineTops[line] - within;
    }
    this.#spot = this.#grid.spot = spot;
  }

  /** The height at which a spot is now; null when it is nowhere. */
  #placeOf(spot: Spot, sections: readonly Section[]): number | null {
    const row = spot.id === null ? -1 : this.#grid.indexOf(spot.id);
    let at = sections.findIndex((one) => row >= one.first && row < one.first + one.count);
    const chunk = sections[at] && this.#grid.chunkOf(sections[at]);
    if (chunk) {
      const line = lineOf(chunk, row - sections[at].first);
      const point = chunk.lineTops[line] + spot.within * chunk.lineHeights[line];
      return this.tops[at] + point - spot.offset;
    }
    if (at < 0) at = sections.findIndex(({ key }) => key === spot.section);
    return at < 0 ? null : this.tops[at] + spot.share * (this.tops[at + 1] - this.tops[at]);
  }
}
