/** How large photos are drawn: rows of three heights, then squares. One choice for all places, remembered. */
const levels = [
  { scale: 1.5, squares: false },
  { scale: 1, squares: false },
  { scale: 0.66, squares: false },
  { scale: 0.5, squares: true },
] as const;
const plain = 1;
const place = 'albumen-zoom';

class Zoom {
  /** 0 is the largest. */
  level = $state(read());

  get squares(): boolean {
    return levels[this.level].squares;
  }

  get nearest(): boolean {
    return this.level === 0;
  }

  get farthest(): boolean {
    return this.level === levels.length - 1;
  }

  /** How tall a row is here, when it is as tall as `height` at the plain level. */
  of(height: number): number {
    return Math.round(height * levels[this.level].scale);
  }

  /** Nearer by one level, or farther; answers whether there was one. */
  by(step: 1 | -1): boolean {
    return this.#go(this.level - step);
  }

  reset(): boolean {
    return this.#go(plain);
  }

  #go(level: number): boolean {
    if (level === this.level || !levels[level]) return false;
    this.level = level;
    localStorage.setItem(place, String(level));
    return true;
  }
}

function read(): number {
  const kept = Number(localStorage.getItem(place) ?? plain);
  return levels[kept] ? kept : plain;
}

export const zoom = new Zoom();
