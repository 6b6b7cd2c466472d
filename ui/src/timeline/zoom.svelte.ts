/**
 * How large photos are drawn: rows of three heights, then squares, and where photos stand by time, years
 * of months. One choice for all places, remembered.
 */
const levels = [
  { scale: 1.5, squares: false },
  { scale: 1, squares: false },
  { scale: 0.66, squares: false },
  { scale: 0.5, squares: true },
] as const;
const plain = 1;
/** Beyond the squares: no photo for itself any more. */
const years = levels.length;
const place = 'albumen-zoom';

class Zoom {
  /** 0 is the largest. */
  #level = $state(read());

  /** Whether a place is shown by years. */
  years(dated: boolean): boolean {
    return dated && this.#level === years;
  }

  get squares(): boolean {
    return this.#drawn.squares;
  }

  get nearest(): boolean {
    return this.#level === 0;
  }

  farthest(dated: boolean): boolean {
    return this.#level >= last(dated);
  }

  /** How tall a row is here, when it is as tall as `height` at the plain level. */
  of(height: number): number {
    return Math.round(height * this.#drawn.scale);
  }

  /** Nearer by one level, or farther; 0 for as at first. */
  by(step: 1 | -1 | 0, dated: boolean): void {
    const from = Math.min(this.#level, last(dated));
    const to = step === 0 ? plain : from - step;
    if (to < 0 || to > last(dated)) return;
    this.#level = to;
    localStorage.setItem(place, String(to));
  }

  get #drawn() {
    return levels[Math.min(this.#level, levels.length - 1)];
  }
}

function last(dated: boolean): number {
  return dated ? years : levels.length - 1;
}

function read(): number {
  const kept = Number(localStorage.getItem(place) ?? plain);
  return Number.isInteger(kept) && kept >= 0 && kept <= years ? kept : plain;
}

export const zoom = new Zoom();
