import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import DuplicatesView from './DuplicatesView.svelte';
import { undoLast } from '../shared/undo';

let sample: SampleHost;
const user = userEvent.setup();

async function open(wishes: string) {
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  render(DuplicatesView);
}
afterEach(cleanup);

const groups = () => screen.queryAllByTestId('duplicate-group');
const state = (id: string) => sample.library.assets.get(id)?.asset.state;

describe('duplicates', () => {
  beforeEach(async () => {
    await open('');
    await vi.waitFor(() => expect(groups()).toHaveLength(3));
  });

  it('shows the suggested one first, and what tells the others from it', () => {
    const [first] = groups();
    const [suggested, copy] = within(first).getAllByTestId('duplicate');
    expect(suggested.textContent).toContain('Suggested. It has more pixels.');
    expect(copy.textContent).not.toContain('Suggested');
    expect(within(copy).getByText('No date').classList).toContain('differs');
  });

  it('keeps one, says so, gives the keys to the next group, and can be undone', async () => {
    const [kept, gone] = sample.library.twins[0];
    const [suggested] = within(groups()[0]).getAllByTestId('keep');
    await user.click(suggested);
    await vi.waitFor(() => expect(groups()).toHaveLength(2));
    expect([state(kept), state(gone)]).toEqual(['present', 'trashed']);
    expect(toasts.list.at(-1)?.text).toBe('One kept, 1 photo moved to the trash');
    await vi.waitFor(() =>
      expect(document.activeElement).toBe(within(groups()[0]).getAllByTestId('keep')[0]),
    );
    await undoLast();
    await vi.waitFor(() => expect(groups()).toHaveLength(3));
    expect(state(gone)).toBe('present');
  });

  it('is gone through by keys, and A keeps all', async () => {
    within(groups()[0]).getAllByTestId('keep')[0].focus();
    await user.keyboard('{ArrowDown}{ArrowRight}{ArrowRight}');
    const mine = within(groups()[1]).getAllByTestId('keep');
    expect(document.activeElement).toBe(mine[2]);
    const ids = sample.library.twins[1];
    await user.keyboard('a');
    await vi.waitFor(() => expect(groups()).toHaveLength(2));
    expect(ids.map(state)).toEqual(['present', 'present', 'present']);
    expect(toasts.list.at(-1)?.text).toBe('3 photos kept');
  });

  it('tells why it could not be done', async () => {
    sample.refuse('duplicates.merge', 'The disk is full; make room and try again.');
    await user.click(within(groups()[0]).getAllByTestId('keep')[0]);
    await vi.waitFor(() =>
      expect(toasts.list.at(-1)?.text).toBe('The disk is full; make room and try again.'),
    );
    expect(groups()).toHaveLength(3);
  });
});

describe('without duplicates', () => {
  it('says what belongs here', async () => {
    await open('sample=12');
    await screen.findByText('No photo is here twice');
  });

  it('says that photos are still being compared', async () => {
    await open('sample=12&comparing=4200');
    await screen.findByText('Photos are still being compared');
  });
});
