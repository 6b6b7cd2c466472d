import { expect, test } from 'vitest';
import { Kept } from './kept.svelte';

class Counter extends Kept {
  now = 0;
  asked = 0;
  answers: ((now: number | Error) => void)[] = [];

  protected concerns(): boolean {
    return true;
  }

  protected async read(): Promise<void> {
    this.asked += 1;
    this.now = await new Promise<number>((answer, refuse) =>
      this.answers.push((now) => (now instanceof Error ? refuse(now) : answer(now))),
    );
  }
}

test('many questions at once become two, and the last answer is of the last', async () => {
  const kept = new Counter();
  const first = kept.load();
  const more = [kept.load(), kept.load(), kept.load()];
  expect(kept.asked).toBe(1);
  kept.answers[0](5);
  await first;
  await Promise.resolve();
  expect([kept.now, kept.asked]).toEqual([5, 2]);
  kept.answers[1](4);
  await Promise.all(more);
  expect([kept.now, kept.asked, kept.loaded]).toEqual([4, 2, true]);
});

test('what went wrong is told until it is read again', async () => {
  const kept = new Counter();
  const failing = kept.load();
  kept.answers[0](new Error('The disk is away.'));
  await failing;
  expect(kept.problem).toBe('The disk is away.');
  const trying = kept.load();
  kept.answers[1](3);
  await trying;
  expect([kept.now, kept.problem]).toEqual([3, '']);
});
