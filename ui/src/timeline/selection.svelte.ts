/**
 * Which photos are chosen, by id, so that a choice outlives a grid that grows under it: these ones, or
 * all but these. The anchor is where a range with Shift starts; the focus is where the keys are.
 */
export class Selection {
  focus = $state<string | null>(null);
  anchor: string | null = null;
  /** How many photos there are to choose from. */
  readonly #total: () => number;
  #allBut = $state(false);
  #ids = $state.raw<ReadonlySet<string>>(new Set());

  constructor(total: () => number) {
    this.#total = total;
  }

  get size(): number {
    return this.#allBut ? Math.max(0, this.#total() - this.#ids.size) : this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id) !== this.#allBut;
  }

  /** The chosen ids, when they are told one by one; none when it is all but some. */
  get named(): ReadonlySet<string> | null {
    return this.#allBut ? null : this.#ids;
  }

  only(id: string): void {
    this.replace([id]);
    this.point(id);
  }

  toggle(id: string): void {
    this.flip([id]);
  }

  /** A range that ends at `focus`; what was chosen elsewhere stays only with `add`. */
  extend(range: readonly string[], focus: string, add = false): void {
    if (add) this.#change(range, true);
    else this.replace(range);
    this.focus = focus;
  }

  /** Chooses all of these; when all of them were chosen already, lets them go. */
  flip(ids: readonly string[]): void {
    this.#change(ids, !ids.every((id) => this.has(id)));
    if (ids.length > 0) this.point(ids[0]);
  }

  replace(ids: Iterable<string>): void {
    this.#allBut = false;
    this.#ids = new Set(ids);
  }

  everything(): void {
    this.#allBut = true;
    this.#ids = new Set();
  }

  clear(): void {
    if (this.#allBut || this.#ids.size > 0) this.replace([]);
  }

  /** Lets go of photos that left the grid. */
  drop(ids: Iterable<string>): void {
    const left = new Set(this.#ids);
    for (const id of ids) left.delete(id);
    if (left.size !== this.#ids.size) this.#ids = left;
  }

  /** Moves the focus without choosing; a range may start here next. */
  point(id: string | null): void {
    this.focus = id;
    this.anchor = id;
  }

  #change(ids: readonly string[], choose: boolean): void {
    const told = new Set(this.#ids);
    for (const id of ids) {
      if (choose === this.#allBut) told.delete(id);
      else told.add(id);
    }
    this.#ids = told;
  }
}
