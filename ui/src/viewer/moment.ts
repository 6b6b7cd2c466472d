/** A photo's moment in the parts that a form has: date, time of day, and offset from UTC. */

import { m } from '../paraglide/messages';

export type Moment = { date: string; time: string; offset: string };

/** Of RFC 3339, of which the offset may be absent. */
export function parts(taken: string | null): Moment {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(
    taken ?? '',
  );
  if (!found) return { date: '', time: '', offset: '' };
  const [, date, time, offset = ''] = found;
  return { date, time: time.replace(/:00$/, ''), offset: offset === 'Z' ? '+00:00' : offset };
}

/** RFC 3339 of these parts; a sentence when they are no moment. */
export function whole({ date, time, offset }: Moment): { taken: string } | { problem: string } {
  const day = date.trim();
  const clock = time.trim() || '00:00';
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(`${day}T00:00:00Z`)))
    return { problem: m.time_wrong_date() };
  if (!/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(clock)) return { problem: m.time_wrong_clock() };
  return { taken: `${day}T${clock.length === 5 ? `${clock}:00` : clock}${offset}` };
}

/** Offsets in use, from west to east. */
export const offsets = [
  '-10:00',
  '-09:00',
  '-08:00',
  '-07:00',
  '-06:00',
  '-05:00',
  '-04:00',
  '-03:30',
  '-03:00',
  '-02:00',
  '-01:00',
  '+00:00',
  '+01:00',
  '+02:00',
  '+03:00',
  '+03:30',
  '+04:00',
  '+04:30',
  '+05:00',
  '+05:30',
  '+05:45',
  '+06:00',
  '+06:30',
  '+07:00',
  '+08:00',
  '+09:00',
  '+09:30',
  '+10:00',
  '+11:00',
  '+12:00',
  '+13:00',
];
