/** Numbers and dates as people say them, in the window's language and the reader's variant of it. */
import { m } from '../paraglide/messages';
import { dialect } from './language';

/** A number with at most so many decimals. */
export function number(n: number, decimals = 0): string {
  return n.toLocaleString(dialect, { maximumFractionDigits: decimals });
}

export function photos(n: number): string {
  return m.photos({ count: n });
}

/** «12 photos, 3 videos»: what is in a place, of which `videos` are videos. */
export function holdings(all: number, videos: number): string {
  if (videos === 0) return photos(all);
  if (videos === all) return m.videos({ count: videos });
  return `${photos(all - videos)}, ${m.videos({ count: videos })}`;
}

/** «0:14», «1:02:03»: how long a video is, to the nearest second. */
export function length(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const tail = two(seconds % 60);
  return minutes < 60
    ? `${minutes}:${tail}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
}

const sources: Record<string, () => string> = {
  xmp: m.taken_from_xmp,
  quicktime: m.taken_from_quicktime,
  gps: m.taken_from_gps,
  name: m.taken_from_name,
};

/** What a time is known from, in words; nothing for the camera's own clock (EXIF). */
export function takenFrom(source: string | null): string {
  return sources[source ?? '']?.() ?? '';
}

const kinds: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/gif': 'GIF',
  'image/tiff': 'TIFF',
  'image/bmp': 'BMP',
  'image/avif': 'AVIF',
  'image/heic': 'HEIC',
  'image/jxl': 'JPEG XL',
  'image/x-adobe-dng': 'DNG',
  'video/mp4': 'MP4',
  'video/quicktime': 'MOV',
  'video/webm': 'WebM',
  'video/x-matroska': 'MKV',
  'video/x-msvideo': 'AVI',
  'video/3gpp': '3GP',
};

/** What people call this kind of file. Cameras' own kinds are called by their last word: CR3, NEF. */
export function fileKind(mime: string): string {
  return kinds[mime] ?? mime.split(/[/-]/).at(-1)?.toUpperCase() ?? '';
}

/** Bytes in the decimal units that file managers and shops use. */
export function size(bytes: number): string {
  const units = [m.unit_bytes(), 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${number(value, digits)} ${units[unit]}`;
}

const shapes = {
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  dayInFull: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
  monthAlone: { month: 'long' },
  year: { year: 'numeric' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

const wallFormats = new Map<string, Intl.DateTimeFormat>();

/** Writes a wall-clock time: milliseconds as if the local clock of the photo had been UTC. */
export function wall(ms: number, shape: keyof typeof shapes): string {
  let format = wallFormats.get(shape);
  if (!format) {
    format = new Intl.DateTimeFormat(dialect, { ...shapes[shape], timeZone: 'UTC' });
    wallFormats.set(shape, format);
  }
  return format.format(ms);
}

/** The wall-clock milliseconds of an RFC 3339 time, its offset (if any) left aside. */
export function wallClock(time: string): number {
  const [, date, clock] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)/.exec(time) ?? [];
  return date ? Date.parse(`${date}T${clock}Z`) : Date.parse(time);
}

/** A moment in the reader's own zone, as a date. */
export function date(time: string): string {
  return new Intl.DateTimeFormat(dialect, shapes.date).format(new Date(time));
}

/** The days an album spans: «3 – 9 May 2026», one date, or nothing. */
export function span(first: string | null, last: string | null): string {
  if (!first || !last) return '';
  const format = new Intl.DateTimeFormat(dialect, { ...shapes.date, timeZone: 'UTC' });
  const [from, to] = [wallClock(first), wallClock(last)].sort((a, b) => a - b);
  return format.formatRange(from, to);
}

/** «1/250 s», «2 s»: an exposure as cameras write it. */
export function exposure(seconds: number): string {
  if (seconds >= 0.3) return `${number(seconds, 1)} s`;
  return `1/${Math.round(1 / seconds)} s`;
}

/** «54.1234° N, 9.8765° E» */
export function coordinates(latitude: number, longitude: number): string {
  const degrees = (of: number) =>
    Math.abs(of).toLocaleString(dialect, { minimumFractionDigits: 4, maximumFractionDigits: 4 });
  const ns = (latitude < 0 ? m.south : m.north)({ degrees: degrees(latitude) });
  const ew = (longitude < 0 ? m.west : m.east)({ degrees: degrees(longitude) });
  return `${ns}, ${ew}`;
}

/** The last part of a path, by either system's separator. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}

/** «in 12 days», «tomorrow», «today»: how long until a moment. */
export function until(time: string, now: number): string {
  const days = Math.ceil((Date.parse(time) - now) / 86_400_000);
  if (days <= 0) return m.until_today();
  if (days === 1) return m.until_a_day();
  if (days <= 60) return m.until_days({ count: days });
  return m.until_date({ date: date(time) });
}

/** «2 hours ago», «yesterday»: how long since a moment. */
export function ago(time: string, now: number): string {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const format = new Intl.RelativeTimeFormat(dialect, { numeric: 'auto' });
  if (seconds > -3600) return format.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}

/** «12 new, 1 edited, 3 gone»: what a look through a watched folder found. */
export function lookResult(of: {
  folder: { path: string; state: string };
  imported: number;
  edited: number;
  moved: number;
  gone: number;
}): string {
  const name = fileName(of.folder.path);
  if (of.folder.state === 'away') return m.look_away({ name });
  const parts = [
    of.imported > 0 ? m.look_came({ number: number(of.imported) }) : '',
    of.edited > 0 ? m.look_edited({ number: number(of.edited) }) : '',
    of.moved > 0 ? m.look_moved({ number: number(of.moved) }) : '',
    of.gone > 0 ? m.look_gone({ count: of.gone }) : '',
  ].filter((part) => part !== '');
  return `${name}: ${parts.join(', ') || m.look_nothing()}`;
}

/** «214 imported, 3 already there, 2 could not be read» */
export function importResult(report: {
  imported: number;
  duplicates: number;
  skipped: number;
  failed: number;
  cancelled?: boolean;
}): string {
  const parts = [m.imported({ number: number(report.imported) })];
  if (report.duplicates) parts.push(m.import_known({ number: number(report.duplicates) }));
  if (report.failed) parts.push(m.import_unread({ number: number(report.failed) }));
  if (report.skipped) parts.push(m.import_skipped({ number: number(report.skipped) }));
  const result = parts.join(', ');
  return report.cancelled ? m.import_stopped({ result }) : result;
}
