/**
 * Some rows of a grid as the node packs them, read where they lie: typed arrays over one buffer. What
 * the bytes mean is written down beside what writes them, `node::command::grid::packed`.
 */
import { m } from '../paraglide/messages';

const version = 1;
const idsAlone = 1;
const goesOn = 2;
const noVideo = 0xffffffff;

export type Photo = {
  id: string;
  /** Wall-clock milliseconds. */
  time: number;
  /** Width over height. */
  ratio: number;
  /** Base64; empty until the thumbnail is made. */
  thumbhash: string;
  favourite: boolean;
  /** Of a video: milliseconds, 0 when that is not known. */
  length?: number;
  /** With a live part. */
  live: boolean;
  /** Cannot be previewed. */
  unseen: boolean;
  /** Waits for its home. */
  waits?: boolean;
  /** Another person's, in an album that is shared. */
  others?: boolean;
  /** On another machine of one's own. */
  away?: boolean;
};

/** What says where a photo is changed. */
const marks = { others: 16, away: 32 };

/** Reads column after column. */
class Reader {
  readonly buffer: ArrayBuffer;
  #at = 32;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    if (new DataView(buffer).getUint8(0) !== version) throw new Error(m.two_versions());
  }

  take<T>(
    kind: { new (buffer: ArrayBuffer, at: number, count: number): T; BYTES_PER_ELEMENT: number },
    count: number,
  ): T {
    const column = new kind(this.buffer, this.#at, count);
    this.#at += count * kind.BYTES_PER_ELEMENT;
    return column;
  }

  rest(): Uint8Array {
    return new Uint8Array(this.buffer, this.#at);
  }
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The id in the sixteen bytes from `at`, as RFC 9562 writes it. */
function idAt(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += hex[bytes[at + i]];
  }
  return text;
}

/** The ids of an answer that holds nothing else. */
export function idsOf(buffer: ArrayBuffer): string[] {
  const reader = new Reader(buffer);
  const header = new DataView(buffer);
  if ((header.getUint8(1) & idsAlone) === 0) throw new Error(m.two_versions());
  const count = header.getUint32(4, true);
  const bytes = reader.take(Uint8Array, count * 16);
  return Array.from({ length: count }, (_, i) => idAt(bytes, i * 16));
}

export class Chunk {
  readonly count: number;
  readonly height: number;
  /** The last day has more photos in the next chunk. */
  readonly goesOn: boolean;
  readonly times: Float64Array;
  readonly lefts: Float32Array;
  readonly widths: Float32Array;
  /** Per line; `lineFirst` has one more entry, the number of photos. */
  readonly lineFirst: Uint32Array;
  readonly lineTops: Float32Array;
  readonly lineHeights: Float32Array;
  /** Per day that begins here; `dayFirst` has one more entry. */
  readonly dayFirst: Uint32Array;
  readonly dayTops: Float32Array;
  readonly dayLefts: Float32Array;
  readonly dayWidths: Float32Array;
  /** Per month that begins here. */
  readonly monthFirst: Uint32Array;
  readonly monthTops: Float32Array;
  readonly #ids: Uint8Array;
  readonly #ratios: Float32Array;
  readonly #lengths: Uint32Array;
  readonly #hashEnds: Uint32Array;
  readonly #marks: Uint8Array;
  readonly #hashes: Uint8Array;
  readonly #read: Photo[] = [];
  #places: Map<string, number> | undefined;

  constructor(buffer: ArrayBuffer) {
    const reader = new Reader(buffer);
    const header = new DataView(buffer);
    const [n, lines, days, months] = [4, 8, 12, 16].map((at) => header.getUint32(at, true));
    this.count = n;
    this.height = header.getFloat32(20, true);
    this.goesOn = (header.getUint8(1) & goesOn) !== 0;
    this.times = reader.take(Float64Array, n);
    this.#ids = reader.take(Uint8Array, n * 16);
    this.#ratios = reader.take(Float32Array, n);
    this.lefts = reader.take(Float32Array, n);
    this.widths = reader.take(Float32Array, n);
    this.#lengths = reader.take(Uint32Array, n);
    this.#hashEnds = reader.take(Uint32Array, n);
    this.lineFirst = ended(reader.take(Uint32Array, lines), n);
    this.lineTops = reader.take(Float32Array, lines);
    this.lineHeights = reader.take(Float32Array, lines);
    this.dayFirst = ended(reader.take(Uint32Array, days), n);
    this.dayTops = reader.take(Float32Array, days);
    this.dayLefts = reader.take(Float32Array, days);
    this.dayWidths = reader.take(Float32Array, days);
    this.monthFirst = reader.take(Uint32Array, months);
    this.monthTops = reader.take(Float32Array, months);
    this.#marks = reader.take(Uint8Array, n);
    this.#hashes = reader.rest();
  }

  photo(at: number): Photo {
    let photo = this.#read[at];
    if (photo) return photo;
    const mark = this.#marks[at];
    const length = this.#lengths[at];
    photo = {
      id: idAt(this.#ids, at * 16),
      time: this.times[at],
      ratio: this.#ratios[at],
      thumbhash: btoa(String.fromCharCode(...this.thumbhash(at))),
      favourite: (mark & 1) !== 0,
      live: (mark & 2) !== 0,
      unseen: (mark & 4) !== 0,
      ...((mark & 8) !== 0 && { waits: true }),
      ...((mark & marks.others) !== 0 && { others: true }),
      ...((mark & marks.away) !== 0 && { away: true }),
      ...(length !== noVideo && { length }),
    };
    this.#read[at] = photo;
    return photo;
  }

  /** Empty until the thumbnail is made. */
  thumbhash(at: number): Uint8Array {
    return this.#hashes.subarray(at > 0 ? this.#hashEnds[at - 1] : 0, this.#hashEnds[at]);
  }

  id(at: number): string {
    return this.#read[at]?.id ?? idAt(this.#ids, at * 16);
  }

  /** Where a photo is among these; −1 when it is not. */
  indexOf(id: string): number {
    if (!this.#places) {
      this.#places = new Map();
      for (let at = 0; at < this.count; at += 1) this.#places.set(this.id(at), at);
    }
    return this.#places.get(id) ?? -1;
  }

  /** Whether something holds of any photo that is another person's, or on another machine. */
  some(what: keyof typeof marks, holds: (id: string) => boolean): boolean {
    return this.#marks.some((mark, at) => (mark & marks[what]) !== 0 && holds(this.id(at)));
  }

  /** How many of the photos from one up to, not including, another are videos. */
  videosBetween(from: number, end: number): number {
    let videos = 0;
    for (let at = from; at < end; at += 1) if (this.#lengths[at] !== noVideo) videos += 1;
    return videos;
  }
}

function ended(column: Uint32Array, end: number): Uint32Array {
  const whole = new Uint32Array(column.length + 1);
  whole.set(column);
  whole[column.length] = end;
  return whole;
}
