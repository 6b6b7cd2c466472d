import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids } from '../timeline/grid.svelte';
import { where } from '../views/place.svelte';
import { sheets } from '../views/sheets.svelte';
import { moving } from './moving.svelte';

let sample: SampleHost;
const user = userEvent.setup();

async function open(wishes = '') {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(`pace=1&${wishes}`));
  use(sample);
  where.go({ view: 'machines' });
  render(App);
  await screen.findAllByTestId('machine-row');
}
afterEach(() => {
  cleanup();
  peers.people = [];
  sheets.close();
  Object.assign(moving, {
    out: null,
    movedTo: null,
    here: [],
    arrived: null,
    lacking: [],
    loaded: false,
  });
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);

describe('a library that moves', () => {
  it('is made ready from another machine of one’s own, once that was asked, and may stay', async () => {
    await open();
    const [more] = await screen.findAllByTestId('machine-more');
    await user.click(more!);
    await user.click(await screen.findByText('Move this library there…'));
    expect(asked('move.out')).toHaveLength(0);
    await user.click(await screen.findByTestId('confirm'));
    expect(await screen.findByText(/^Ready to move to /)).toBeInTheDocument();
    expect(asked('move.out')).toHaveLength(1);
    await user.click(screen.getByTestId('move-stay'));
    await expect.poll(() => screen.queryByText(/^Ready to move to /)).toBeNull();
  });

  it('moves in when that is wished, and is opened at the next start', async () => {
    await open('moving=here');
    await user.click(await screen.findByTestId('move-in'));
    expect(await screen.findByText(/Quit Albumen and open it again/)).toBeInTheDocument();
    expect(screen.queryByTestId('move-in')).toBeNull();
  });

  it('does not end without a file that the old machine does not give, unless told to', async () => {
    await open('moving=lacking');
    await user.click(await screen.findByTestId('move-in'));
    expect(await screen.findByText(/^All is here but 1 file/)).toBeInTheDocument();
    await user.click(screen.getByTestId('move-without'));
    expect(await screen.findByText(/IMG_2041.HEIC/)).toBeInTheDocument();
    await user.click(await screen.findByTestId('confirm'));
    expect(await screen.findByText(/Quit Albumen and open it again/)).toBeInTheDocument();
    expect(asked('move.in').map(({ payload }) => (payload as { anyway?: boolean }).anyway)).toEqual(
      [false, true],
    );
  });

  it('says where it has moved, and asks before it is used here again', async () => {
    await open('moving=gone');
    expect(await screen.findByText(/^This library has moved to /)).toBeInTheDocument();
    await user.click(screen.getByTestId('move-again'));
    expect(asked('move.stay')).toHaveLength(0);
    await user.click(await screen.findByTestId('confirm'));
    await expect.poll(() => screen.queryByText(/^This library has moved to /)).toBeNull();
    expect(asked('move.stay')).toHaveLength(1);
  });
});
