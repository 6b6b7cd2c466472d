/**
 * The order in which a wall shows an album: what comes in is next, first come first; while nothing
 * comes, all of it goes round, the newest first. What was large stands beside it for a while.
 */

/** How many stand beside the large one. */
export const most = 3;

export type Showing = {
  /** All of the album, in the order in which it goes round. */
  round: readonly string[];
  /** What came in and was not shown yet. */
  fresh: readonly string[];
  now: string | null;
  beside: readonly string[];
};

export const nothing: Showing = { round: [], fresh: [], now: null, beside: [] };

/** The wall as the album is now; `ids` are oldest first. */
export function taken(before: Showing, ids: readonly string[]): Showing {
  const here = new Set(ids);
  const stay = before.round.filter((id) => here.has(id));
  const come = ids.filter((id) => !before.round.includes(id));
  const now = before.now !== null && here.has(before.now) ? before.now : null;
  if (before.round.length === 0 || stay.length === 0) {
    const round = ids.toReversed();
    return { round, fresh: [], now: round[0] ?? null, beside: stepped(round, round[0], -1) };
  }
  const after = {
    round: [...come.toReversed(), ...stay],
    fresh: [...before.fresh.filter((id) => here.has(id)), ...come],
    now,
    beside: before.beside.filter((id) => here.has(id)),
  };
  return now === null ? next(after) : after;
}

/** The photo that will be large next; none when there is no other. */
export function upcoming({ fresh, round, now }: Showing): string | null {
  if (fresh.length > 0) return fresh[0];
  const [following] = now === null ? round : stepped(round, now, 1);
  return following ?? null;
}

export function next(showing: Showing): Showing {
  const to = upcoming(showing);
  if (to === null) return showing;
  const { now, round, fresh } = showing;
  const beside = [...(now === null ? [] : [now]), ...showing.beside].filter((id) => id !== to);
  return { round, fresh: fresh.filter((id) => id !== to), now: to, beside: beside.slice(0, most) };
}

/** Those that follow one, in steps of so many, round and round, without itself. */
function stepped(round: readonly string[], from: string, by: 1 | -1): string[] {
  const at = round.indexOf(from);
  const count = Math.max(0, Math.min(most, round.length - 1));
  return Array.from(
    { length: count },
    (_, step) => round[(at + by * (step + 1) + round.length * most) % round.length],
  );
}
