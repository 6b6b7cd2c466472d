/** Names and their certificates: nothing is asked of an authority before its terms were accepted. */
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { use } from '../host';
import { sampleHost } from '../sample/host';
import Names from './Names.svelte';
import { sharing } from './sharing.svelte';

it('gets certificates for names once the terms are accepted', async () => {
  const user = userEvent.setup();
  use(await sampleHost(new URLSearchParams('sample=12&sharing=on')));
  await sharing.load();
  render(Names);
  expect(screen.queryByTestId('acme')).toBeNull();
  await user.type(screen.getByTestId('set-names'), 'https://anna.example.org{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('is no name');

  await user.clear(screen.getByTestId('set-names'));
  await user.type(screen.getByTestId('set-names'), 'anna.example.org, ben.example.org{Enter}');
  const acme = await screen.findByTestId('acme');
  expect(acme).not.toBeChecked();
  expect(screen.getByText(/https:\/\/letsencrypt\.org\/repository/)).toBeVisible();
  expect(screen.queryByTestId('certificate-of')).toBeNull();

  await user.click(acme);
  const [first, second] = await screen.findAllByTestId('certificate-of');
  expect(first).toHaveTextContent(/anna\.example\.org has a certificate until/);
  expect(second).toHaveTextContent(/ben\.example\.org is being asked for/);
  expect(sharing.now.address).toBe('https://anna.example.org');
});
