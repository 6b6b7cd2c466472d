/** The sharing sheet says what was seen of links' reach, and asks the router only when told to. */
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { use } from '../host';
import { sampleHost } from '../sample/host';
import { sharing } from './sharing.svelte';
import SharingSheet from './SharingSheet.svelte';
import { reachSentence, reachTitle } from './words';

async function open(wishes: string) {
  use(await sampleHost(new URLSearchParams(wishes)));
  await sharing.load();
  render(SharingSheet, { onclose: () => {} });
}

it('shows how far links reach, and every address', async () => {
  await open('sample=12&sharing=on');
  expect(screen.getByTestId('reach-badge')).toHaveTextContent('This network only');
  expect(screen.getByText('http://192.168.1.5:8477')).toBeVisible();
  expect(screen.getByText('http://[fd00::5]:8477')).toBeVisible();
});

it('asks the router when told to, and links begin with its address', async () => {
  const user = userEvent.setup();
  await open('sample=12&sharing=on');
  await user.click(screen.getByTestId('port-mapping'));
  expect(screen.getByText(/The router leads 9\.8\.7\.6:8477 here/)).toBeVisible();
  expect(screen.getByTestId('reach-badge')).toHaveTextContent('Internet');
  expect(sharing.now.address).toBe('http://9.8.7.6:8477');
});

it('claims nothing that was not seen', async () => {
  await open('sample=12&sharing=on&mapping=on&reach=silent_outside');
  expect(screen.getByTestId('reach-badge')).toHaveTextContent('Not sure');
  expect(screen.getByText(/a phone whose Wi-Fi is off/)).toBeVisible();
  const unasked = { ...sharing.now, probe: null };
  expect(reachSentence(unasked)).toMatch(/has not been checked yet/);
  expect(reachTitle(unasked)).toBe('Being checked');
});

it('shows no reach while sharing is off', async () => {
  await open('sample=12');
  expect(screen.queryByTestId('reach-badge')).toBeNull();
  expect(screen.getByText(/Sharing is off/)).toBeVisible();
});
