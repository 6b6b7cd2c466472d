/** How safe originals are, in words. */
import type { FetchReport } from '../bindings/FetchReport';
import type { MachineSafety } from '../bindings/MachineSafety';
import type { Named } from '../bindings/Named';
import { m } from '../paraglide/messages';
import { ago, number, size } from '../shared/format';
import { dialect } from '../shared/language';

export type Verdict = { tone: 'plain' | 'good' | 'asks'; title: string; text: string };

/** A machine's name. One that has none yet is told as what it is. */
export function nameOf({ name }: Named, isHere: boolean): string {
  return name.trim() || (isHere ? m.peer_this() : m.another_machine());
}

/** How it stands with all of them, in a sentence, and what that means. */
export function verdict(machines: readonly MachineSafety[], promise: boolean): Verdict {
  const sum = (of: (one: MachineSafety) => number) =>
    machines.reduce((before, one) => before + of(one), 0);
  const alone = sum((one) => one.alone);
  const untold = machines.filter((one) => !one.is_here && one.known_at === null);
  if (machines.length < 2) {
    return sum(({ photos }) => photos) === 0
      ? { tone: 'plain', title: m.safety_none(), text: m.safety_none_how() }
      : { tone: 'asks', title: m.safety_single(), text: m.safety_single_how() };
  }
  if (alone > 0) {
    const text = promise ? m.safety_alone_promised() : m.safety_alone_how();
    return { tone: 'asks', title: m.safety_alone({ count: alone }), text };
  }
  if (untold.length > 0) {
    const names = new Intl.ListFormat(dialect, { type: 'conjunction' }).format(
      untold.map(({ machine }) => nameOf(machine, false)),
    );
    return { tone: 'plain', title: m.safety_as_known(), text: m.safety_untold({ names }) };
  }
  const text = promise ? m.safety_all_promised() : m.safety_all_how();
  return { tone: 'good', title: m.safety_all(), text };
}

/** What would be lost with a machine: «12 (51 MB)», «Nothing». */
export function loss({ alone, alone_bytes }: MachineSafety): string {
  if (alone === 0) return m.safety_nothing();
  return m.safety_amount({ number: number(alone), size: size(alone_bytes) });
}

/** How old what is known of another machine is. */
export function knownSince({ known_at }: MachineSafety, now: number): string {
  return known_at === null ? m.safety_partly() : m.safety_as_of({ ago: ago(known_at, now) });
}

/** What the promise does, and how much room that takes. */
export function promiseTakes(machines: readonly MachineSafety[], free: number | null): string {
  const [here] = machines;
  if (machines.length < 2) return m.promise_later();
  const takes = machines
    .filter(({ is_here }) => !is_here)
    .reduce((sum, one) => sum + one.alone_bytes, 0);
  const parts: string[] = [m.promise_what()];
  if (takes === 0) parts.push(m.promise_takes_nothing());
  else if (free === null) parts.push(m.promise_takes({ size: size(takes) }));
  else {
    const of = { size: size(takes), free: size(free) };
    parts.push(takes > free ? m.promise_no_room(of) : m.promise_room(of));
  }
  if (here.alone_bytes > 0) parts.push(m.promise_gives({ size: size(here.alone_bytes) }));
  return parts.join(' ');
}

/** «Original on: Desk, Laptop». The first is this machine. */
export function originalOn(machines: readonly Named[]): string {
  return m.original_on({
    machines: machines.map((one, at) => nameOf(one, at === 0)).join(', '),
  });
}

/** What came of originals that were missing here. */
export function fetched({ fetched: count, lacking }: FetchReport): string {
  if (lacking.length > 0)
    return m.safety_fetched_some({ count: number(count), lacking: number(lacking.length) });
  return count === 0 ? m.safety_fetched_none() : m.safety_fetched({ count });
}
