/**
 * A video's bytes where a <video> can reach them. WebKitGTK's player does not know the window's own
 * scheme, so on Linux the bytes are gathered, piece by piece, into an address that holds them; a blob
 * would be lighter, but WebKitGTK 2.50 gives up on a third of those. Elsewhere the address itself
 * is enough.
 */
import { m } from '../paraglide/messages';
import { size } from '../shared/format';

/** A video itself, or the live part of a photo. */
export type Part = 'video' | 'motion';

/** A video that is there to be played. */
export interface Film {
  /** An address that a <video> plays. `heard` is told what share of the bytes has come, 0 to 1. */
  address(heard?: (share: number) => void): Promise<string>;
  /** Nobody plays it any more; what was read of it is let go. */
  release(): void;
}

/** The video is in the library, but not yet in a form that plays here. */
export class NotYet extends Error {
  constructor() {
    super(m.video_not_yet());
    this.name = 'NotYet';
  }
}

/** The most bytes that WebKitGTK takes in an address, as measured; they live in memory. */
const most = 40_000_000;
const step = 8_000_000;

type Piece = { bytes: ArrayBuffer; total: number; mime: string };

/** How the window's own scheme is answered; a test puts something else in its place. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>;

async function piece(
  ask: Fetch,
  address: string,
  from: number,
  length: number,
  signal: AbortSignal,
): Promise<Piece> {
  const range = `bytes=${from}-${from + length - 1}`;
  const response = await ask(address, { headers: { Range: range }, signal }).catch((thrown) => {
    throw signal.aborted ? thrown : new Error(m.video_unread());
  });
  if (response.status === 404) throw new NotYet();
  if (response.status === 503) throw new Error(await response.text());
  const bytes = await response.arrayBuffer();
  if (!response.ok || bytes.byteLength === 0) throw new Error(m.video_unread());
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  const mime = response.headers.get('content-type') ?? 'video/mp4';
  return { bytes, total: total ? Number(total) : bytes.byteLength, mime };
}

/**
 * Finds the video at an address of the window's scheme. Throws `NotYet` while there is none, and a
 * sentence when it cannot be had.
 */
export async function reach(
  address: string,
  gathered: boolean,
  ask: Fetch = (at, init) => fetch(at, init),
): Promise<Film> {
  const ended = new AbortController();
  const { total } = await piece(ask, address, 0, 1, ended.signal);
  let made: Promise<string> | undefined;

  async function gather(heard?: (share: number) => void): Promise<string> {
    if (total > most) throw new Error(m.video_too_large({ size: size(total), most: size(most) }));
    const parts: ArrayBuffer[] = [];
    let mime = '';
    for (let from = 0; from < total;) {
      const next = await piece(ask, address, from, step, ended.signal);
      parts.push(next.bytes);
      from += next.bytes.byteLength;
      mime = next.mime;
      heard?.(Math.min(1, from / total));
      ended.signal.throwIfAborted();
    }
    return held(new Blob(parts, { type: mime }));
  }

  return {
    address: (heard) => (made ??= gathered ? gather(heard) : Promise.resolve(address)),
    release() {
      ended.abort();
      made = undefined;
    },
  };
}

/** The bytes as an address that holds them. */
function held(bytes: Blob): Promise<string> {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => fail(new Error(m.video_unread()));
    reader.readAsDataURL(bytes);
  });
}

/** Whether the window's player does not know the window's own scheme. */
export function mustGather(agent: string): boolean {
  return /linux/i.test(agent) && !/android/i.test(agent);
}

/** Why the player gave up on bytes that are there. */
export function unplayable(agent: string): string {
  return mustGather(agent) ? m.video_no_decoder() : m.video_unplayable();
}
