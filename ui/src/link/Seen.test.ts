import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost } from '../sample/host';
import LinkSheet from './LinkSheet.svelte';
import { links } from './links.svelte';

beforeEach(async () => {
  use(await sampleHost(new URLSearchParams('sample=full')));
  await links.load();
});
afterEach(cleanup);

it('shows the page of a link as visitors see it, over the sheet from where it came', async () => {
  const user = userEvent.setup();
  const link = links.list.find(({ state }) => state === 'open');
  const onclose = vi.fn();
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose,
  });
  await user.click(screen.getByTestId('link-see'));
  const page = await screen.findByTestId<HTMLIFrameElement>('link-page');
  expect(decodeURIComponent(page.src)).toContain(link?.path);
  expect(page.getAttribute('sandbox')).toBe('');

  await user.click(screen.getByText('Phone'));
  expect(page).toHaveClass('phone');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByTestId('link-page')).toBeNull());
  expect(screen.getByTestId('link-done')).toBeVisible();
  expect(onclose).not.toHaveBeenCalled();
});

it('tells of a selection in the language of the window', async () => {
  const link = links.list.find(({ kind }) => kind === 'selection');
  expect(link?.title).toBe(`${link?.count} photos`);
});
