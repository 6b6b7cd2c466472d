import { describe, expect, it } from 'vitest';
import type { Link } from '../bindings/Link';
import { change, creation, endOf, fresh, newPassword, objection, termsOf, untils } from './terms';

const link: Link = {
  id: 'link-1',
  key: 'k',
  path: '/share/k',
  url: 'http://192.168.1.5:8477/share/k',
  kind: 'album',
  album: 'album-1',
  title: 'Allotment',
  label: 'Grandma',
  description: '',
  has_password: true,
  expires_at: '2026-12-04T12:00:00Z',
  download: 'screen',
  show_metadata: false,
  comments: false,
  name: null,
  maker: null,
  server: null,
  created_at: '2026-11-04T12:00:00Z',
  revoked_at: null,
  state: 'open',
  count: 12,
  guessable: false,
  people_at_most: null,
  people: 0,
  guessed_at: null,
  upload: 'none',
  auto_accept: false,
  upload_files: 2000,
  upload_bytes: 10e9,
  waiting: 0,
  visits: 0,
  downloads: 0,
  visited_at: null,
  comment_count: 0,
  like_count: 0,
  unread: 0,
};
const today = new Date(2026, 10, 22);

describe('the terms of a link', () => {
  it('start safe: 30 days, screen size, details hidden, no comments, nothing added', () => {
    expect(creation({ album: 'album-1' }, fresh())).toEqual({
      album: 'album-1',
      expires: '30d',
      download: 'screen',
      show_metadata: false,
      comments: false,
      upload: 'none',
    });
  });

  it('let visitors add photos, within bounds', () => {
    const terms = { ...termsOf(link), upload: 'only' as const, uploadSpace: 2.5 };
    expect(change(link, terms)).toEqual({
      id: 'link-1',
      upload: 'only',
      upload_bytes: 2.5e9,
    });
    expect(creation({ album: 'a' }, { ...fresh(), upload: 'add' })).toMatchObject({
      upload: 'add',
      auto_accept: false,
      upload_files: 2000,
      upload_bytes: 10e9,
    });
    expect(objection({ ...terms, uploadFiles: 0 }, today)).toContain('at least one');
    expect(objection({ ...terms, upload: 'none', uploadFiles: 0 }, today)).toBe('');
  });

  it('untouched terms change nothing', () => {
    expect(change(link, termsOf(link))).toEqual({ id: 'link-1' });
  });

  it('only what was changed is sent', () => {
    const terms = { ...termsOf(link), label: 'Grandpa', download: 'original' as const };
    expect(change(link, terms)).toEqual({ id: 'link-1', label: 'Grandpa', download: 'original' });
  });

  it('a password can be replaced, and taken away', () => {
    expect(change(link, { ...termsOf(link), password: 'long enough' }).password).toBe(
      'long enough',
    );
    expect(change(link, { ...termsOf(link), keepPassword: false }).password).toBe('');
  });

  it('begins with the length that the settings say, whatever it is', () => {
    const usual = (expires: string) =>
      fresh({ expires, download: 'none', show_metadata: false, comments: false });
    const terms = usual('12h');
    expect(creation({ album: 'a' }, terms).expires).toBe('12h');
    expect(endOf(terms, new Date('2026-12-01T00:00:00Z'))).toBe('2026-12-01T12:00:00.000Z');
    expect(untils('12h')[0]).toEqual({ value: '12h', text: '12 hours' });
    expect(untils('90d')[0]).toEqual({ value: '90d', text: '90 days' });
    expect(untils('30d')).toEqual(untils());
    expect(creation({ album: 'a' }, usual('never')).expires).toBe('never');
  });

  it('a chosen day counts to its end', () => {
    const terms = { ...fresh(), until: 'date', date: '2026-12-24' };
    const until = new Date(creation({ assets: ['a'] }, terms).expires ?? '');
    expect([until.getDate(), until.getHours()]).toEqual([24, 23]);
  });

  it('says what is missing', () => {
    expect(objection(fresh(), today)).toBe('');
    expect(objection({ ...fresh(), password: 'short' }, today)).toContain('8 characters');
    expect(objection({ ...fresh(), until: 'date', date: '' }, today)).toContain('last day');
    expect(objection({ ...fresh(), until: 'date', date: '2026-11-21' }, today)).toContain('passed');
  });

  it('makes passwords of fourteen plain signs', () => {
    const made = newPassword((bytes) => bytes.map((_, index) => (index * 37) % 256));
    expect(made).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  });
});
