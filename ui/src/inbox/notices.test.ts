import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { links } from '../link/links.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { where } from '../views/place.svelte';
import { inbox } from './inbox.svelte';
import { longest, quiet, startNotices } from './notices';

let sample: SampleHost;
let ends: (() => void)[] = [];
let link: string;

beforeEach(async () => {
  vi.useFakeTimers();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams('sample=full'));
  use(sample);
  where.go({ view: 'timeline' });
  ends = [inbox.start(), links.start(), startNotices()];
  await vi.advanceTimersByTimeAsync(10);
  link = links.list.find(({ upload }) => upload === 'add')?.id ?? '';
});
afterEach(() => {
  ends.forEach((end) => end());
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const said = () => toasts.list.map(({ text }) => text);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it('says nothing of what waited before', async () => {
  await pass(longest * 2);
  expect(said()).toEqual([]);
});

it('gathers what comes until it is quiet, and leads to the inbox', async () => {
  for (let came = 0; came < 4; came += 1) {
    sample.arrive(link, 'Anna', 3);
    await pass(quiet / 2);
  }
  expect(said()).toEqual([]);
  await pass(quiet / 2 + 1000);
  expect(said()).toEqual(['12 photos added through A week in the Dolomites with everyone']);
  toasts.list[0].action?.run();
  expect(where.now).toEqual({ view: 'inbox' });
});

it('waits no longer than five minutes while more and more come', async () => {
  for (let passed = 0; passed < longest; passed += quiet / 2) {
    sample.arrive(link, 'Anna', 1);
    await pass(quiet / 2);
  }
  expect(said()).toEqual(['10 photos added through A week in the Dolomites with everyone']);
});

it('does not tell of what was answered meanwhile', async () => {
  sample.arrive(link, 'Anna', 2);
  await pass(10);
  await inbox.reject(inbox.uploads.map(({ id }) => id));
  await pass(quiet * 2);
  expect(said()).toEqual([]);
});

it('tells the system while the window is out of sight', async () => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  sample.arrive(link, 'Anna', 1);
  await pass(quiet * 2);
  expect(sample.outside.told).toEqual([
    {
      title: '1 photo added through A week in the Dolomites with everyone',
      body: 'They wait in the inbox.',
    },
  ]);
});

it('tells once that visitors took back what was in the library, and leads to the trash', async () => {
  const [one, other] = [...sample.library.assets.keys()];
  sample.withdraw(one);
  await pass(10);
  sample.withdraw(other);
  await pass(quiet + 1000);
  expect(said()).toEqual(['2 photos taken back by a visitor, in the trash now']);
  toasts.list[0].action?.run();
  expect(where.now).toEqual({ view: 'trash' });
});

it('tells of what a link took in without asking, and leads to its album', async () => {
  await links.edit({ id: link, auto_accept: true });
  await pass(10);
  sample.arrive(link, 'Anna', 5);
  await pass(quiet + 1000);
  expect(said()).toEqual(['5 photos added through A week in the Dolomites with everyone']);
  toasts.list[0].action?.run();
  expect(where.now.view).toBe('album');
});
