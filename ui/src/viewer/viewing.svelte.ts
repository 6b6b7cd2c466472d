/** Which photo is open over the window, and in which grid the arrows lead on. */
import type { Grid } from '../timeline/grid.svelte';
import type { Photo } from '../timeline/chunk';
import type { Scope } from '../timeline/scope';

class Viewing {
  grid = $state.raw<Grid | null>(null);
  id = $state<string | null>(null);

  open(grid: Grid, id: string): void {
    this.grid = grid;
    this.id = id;
    grid.selection.point(id);
    grid.follow(grid.indexOf(id));
  }

  /** Gives the keys back to the grid, at the photo that was open last. */
  close(): void {
    if (this.grid && this.id !== null) this.grid.wanted = this.id;
    this.grid?.follow(-1);
    this.grid = null;
    this.id = null;
  }
}

export const viewing = new Viewing();

/** Where a photo lies, as far as that decides what can be done with it. */
export function lies(scope: Scope['kind'], photo: Photo | undefined, archived: boolean) {
  if (scope === 'trash') return 'trash';
  if (scope === 'locked') return 'locked';
  if (photo?.others) return 'others';
  if (photo?.away) return 'away';
  return archived ? 'archive' : 'timeline';
}
