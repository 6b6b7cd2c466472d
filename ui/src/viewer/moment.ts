/** A photo's moment in the parts that a form has: date, time of day, and offset from UTC. */

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
    return { problem: 'Write the date as year, month and day, like 2026-05-03.' };
  if (!/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(clock))
    return { problem: 'Write the time of day as hours and minutes, like 14:30.' };
  return { taken: `${day}T${clock.length === 5 ? `${clock}:00` : clock}${offset}` };
}

/** Offsets in use, from west to east, each with some places of it. */
export const offsets: [offset: string, places: string][] = [
  ['-10:00', 'Honolulu'],
  ['-09:00', 'Anchorage'],
  ['-08:00', 'Los Angeles'],
  ['-07:00', 'Denver'],
  ['-06:00', 'Chicago, Mexico City'],
  ['-05:00', 'New York, Lima'],
  ['-04:00', 'Santiago, Halifax'],
  ['-03:30', 'St John’s'],
  ['-03:00', 'São Paulo, Buenos Aires'],
  ['-02:00', 'Nuuk'],
  ['-01:00', 'Azores'],
  ['+00:00', 'London, Lisbon in winter'],
  ['+01:00', 'Berlin in winter, London in summer'],
  ['+02:00', 'Berlin in summer, Athens'],
  ['+03:00', 'Istanbul, Nairobi'],
  ['+03:30', 'Tehran'],
  ['+04:00', 'Dubai'],
  ['+04:30', 'Kabul'],
  ['+05:00', 'Karachi, Tashkent'],
  ['+05:30', 'Delhi, Colombo'],
  ['+05:45', 'Kathmandu'],
  ['+06:00', 'Dhaka'],
  ['+06:30', 'Yangon'],
  ['+07:00', 'Bangkok, Jakarta'],
  ['+08:00', 'Beijing, Perth'],
  ['+09:00', 'Tokyo, Seoul'],
  ['+09:30', 'Adelaide in winter'],
  ['+10:00', 'Sydney in winter'],
  ['+11:00', 'Sydney in summer'],
  ['+12:00', 'Auckland in winter'],
  ['+13:00', 'Auckland in summer'],
];
