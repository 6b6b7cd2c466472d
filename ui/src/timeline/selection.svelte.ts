/**
 * Which photos are chosen, by id, so that a choice outlives a grid that grows under it.
 * The anchor is where a range with Shift starts; the focus is where the keys are.
 */
export class Selection {
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  focus = $state<string | null>(null);
  #anchor: string | null = null;

  get size(): number {
    return this.chosen.size;
  }

  has(id: string): boolean {
    return this.chosen.has(id);
  }

  /** The chosen ids in the order of the grid. */
  inOrder(order: readonly string[]): string[] {
    return order.filter((id) => this.chosen.has(id));
  }

  only(id: string): void {
    this.chosen = new Set([id]);
    this.#here(id);
  }

  toggle(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
    this.#here(id);
  }

  /** From the anchor to `id`, both included; what was chosen elsewhere stays only with `add`. */
  extend(id: string, order: readonly string[], add = false): void {
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.only(id);
      return;
    }
    const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.chosen = new Set(add ? [...this.chosen, ...range] : range);
    this.focus = id;
  }

  /** Chooses all of these; when all of them were chosen already, lets them go. */
  flip(ids: readonly string[]): void {
    const chosen = new Set(this.chosen);
    const all = ids.every((id) => chosen.has(id));
    for (const id of ids) {
      if (all) chosen.delete(id);
      else chosen.add(id);
    }
    this.chosen = chosen;
    if (ids.length > 0) this.#here(ids[0]);
  }

  replace(ids: Iterable<string>): void {
    this.chosen = new Set(ids);
  }

  clear(): void {
    if (this.chosen.size > 0) this.chosen = new Set();
  }

  /** Moves the focus without choosing; a range may start here next. */
  point(id: string): void {
    this.#here(id);
  }

  /** Lets go of what is no longer in the grid; the focus goes to what took its place. */
  keep(before: readonly string[], now: readonly string[]): void {
    if (this.chosen.size === 0 && this.focus === null) return;
    const present = new Set(now);
    const kept = [...this.chosen].filter((id) => present.has(id));
    if (kept.length !== this.chosen.size) this.chosen = new Set(kept);
    if (this.focus !== null && !present.has(this.focus)) {
      const was = before.indexOf(this.focus);
      const next = before.slice(was).find((id) => present.has(id)) ?? now.at(-1) ?? null;
      this.focus = next;
      this.#anchor = next;
    }
  }

  #here(id: string): void {
    this.focus = id;
    this.#anchor = id;
  }
}
