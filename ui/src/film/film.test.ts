import { beforeEach, describe, expect, it } from 'vitest';
import { mustGather, NotYet, reach, type Fetch } from './film';

const bytes = Uint8Array.from({ length: 20_000_003 }, (_, at) => at % 251);
const asked: string[] = [];

/** Answers ranges as the window's scheme does. */
const scheme: Fetch = async (_, { headers }) => {
  const range = (headers as Record<string, string>).Range;
  asked.push(range);
  const [from, last] = range.slice('bytes='.length).split('-').map(Number);
  return new Response(bytes.slice(from, last + 1), {
    status: 206,
    headers: {
      'content-range': `bytes ${from}-${Math.min(last, bytes.length - 1)}/${bytes.length}`,
      'content-type': 'video/webm',
    },
  });
};

beforeEach(() => {
  asked.length = 0;
});

describe('a film', () => {
  it('is its own address where the player knows the scheme', async () => {
    const film = await reach('photo://localhost/video/1', false, scheme);
    expect(await film.address()).toBe('photo://localhost/video/1');
    expect(asked).toEqual(['bytes=0-0']);
    film.release();
  });

  it('is gathered in pieces elsewhere, byte for byte', async () => {
    const film = await reach('photo://localhost/video/1', true, scheme);
    const shares: number[] = [];
    const address = await film.address((share) => shares.push(share));
    const [head, body] = address.split(',');
    expect(head).toBe('data:video/webm;base64');
    expect(Buffer.from(body, 'base64').equals(bytes)).toBe(true);
    expect(asked).toHaveLength(4);
    expect(shares.at(-1)).toBe(1);
    expect([...shares].sort()).toEqual(shares);
  });

  it('is read once, however often it is asked for', async () => {
    const film = await reach('photo://localhost/video/1', true, scheme);
    await Promise.all([film.address(), film.address()]);
    expect(asked).toHaveLength(4);
  });

  it('that is let go in the middle ends its reading', async () => {
    const film = await reach('photo://localhost/video/1', true, scheme);
    const address = film.address(() => film.release());
    await expect(address).rejects.toThrow();
    expect(asked).toHaveLength(2);
  });

  it('is not there yet while it is converted', async () => {
    const missing: Fetch = async () => new Response(null, { status: 404 });
    await expect(reach('photo://localhost/video/1', true, missing)).rejects.toThrow(NotYet);
    const away: Fetch = () =>
      Promise.resolve(new Response('Anna is not there now.', { status: 503 }));
    await expect(reach('photo://localhost/video/1', true, away)).rejects.toThrow(
      /^Anna is not there/,
    );
  });

  it('too large for memory says so before it is read', async () => {
    const large: Fetch = async () =>
      new Response('x', { status: 206, headers: { 'content-range': 'bytes 0-0/4200000000' } });
    const film = await reach('photo://localhost/video/1', true, large);
    await expect(film.address()).rejects.toThrow(/4\.2 GB; up to 40 MB/);
  });

  it('whose bytes end early is a problem, not a wait without end', async () => {
    const short: Fetch = async (_, { headers }) =>
      new Response((headers as Record<string, string>).Range === 'bytes=0-0' ? 'x' : '', {
        status: 206,
        headers: { 'content-range': 'bytes 0-0/9' },
      });
    const film = await reach('photo://localhost/video/1', true, short);
    await expect(film.address()).rejects.toThrow(/could not be read/);
  });
});

it('only the player on Linux does not know the scheme', () => {
  expect(mustGather('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15')).toBe(true);
  expect(mustGather('Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36')).toBe(false);
  expect(mustGather('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)')).toBe(false);
});
