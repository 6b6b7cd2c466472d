/** Where an arrow key leads in a grid: up and down keep to the photo whose middle is nearest. */
import type { Grid } from './grid.svelte';
import { lineOf, middleOf, nearestIn } from './layout';
import { sectionOf } from './sections';

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** The row that is reached; its chunk is there. */
export async function neighbour(grid: Grid, row: number, direction: Direction): Promise<number> {
  const last = grid.count - 1;
  const reached = {
    left: Math.max(0, row - 1),
    right: Math.min(last, row + 1),
    first: 0,
    last,
  };
  if (direction === 'up' || direction === 'down') return across(grid, row, direction);
  await grid.reach(reached[direction]);
  return reached[direction];
}

async function across(grid: Grid, row: number, direction: 'up' | 'down'): Promise<number> {
  const at = sectionOf(grid.sections, row);
  const section = grid.sections[at];
  if (!section) return row;
  const chunk = await grid.whole(section);
  const x = middleOf(chunk, row - section.first);
  const line = lineOf(chunk, row - section.first) + (direction === 'down' ? 1 : -1);
  if (line >= 0 && line < chunk.lineTops.length) return section.first + nearestIn(chunk, line, x);
  const next = grid.sections[direction === 'down' ? at + 1 : at - 1];
  if (!next) return row;
  const beyond = await grid.whole(next);
  return next.first + nearestIn(beyond, direction === 'down' ? 0 : beyond.lineTops.length - 1, x);
}

/** The ids of the day that begins with a photo of a chunk, however many chunks it goes on in. */
export async function idsOfDay(grid: Grid, at: number, day: number): Promise<string[]> {
  const section = grid.sections[at];
  const chunk = section && grid.chunkOf(section);
  if (!chunk) return [];
  const first = section.first + chunk.dayFirst[day];
  let end = section.first + chunk.dayFirst[day + 1];
  let more = chunk.goesOn && day === chunk.dayTops.length - 1;
  for (let next = at + 1; more && grid.sections[next]; next += 1) {
    const follows = await grid.whole(grid.sections[next]);
    end = grid.sections[next].first + follows.dayFirst[0];
    more = follows.goesOn && follows.dayTops.length === 0;
  }
  return grid.ids(first, end - first);
}
