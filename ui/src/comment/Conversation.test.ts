import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { host, use } from '../host';
import { links } from '../link/links.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import Conversation from './Conversation.svelte';

let sample: SampleHost;
let link: string;
const onuncomment = vi.fn();

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full'));
  use(sample);
  await links.load();
  link = links.list.find(({ unread }) => unread > 0)?.id ?? '';
  onuncomment.mockReset();
});
afterEach(cleanup);

it('shows what visitors said, new to the owner once', async () => {
  render(Conversation, { of: { link }, onuncomment });
  const all = await screen.findAllByTestId('comment');
  expect(within(all[0]).getByText('Grandma')).toBeVisible();
  expect(screen.getAllByText('New').length).toBeGreaterThan(0);
  expect(sample.asked.findLast(({ name }) => name === 'comment.read')?.payload).toEqual({ link });
  await links.load();
  expect(links.list.find(({ id }) => id === link)?.unread).toBe(0);
  // The mark stays for as long as one looks.
  expect(screen.getAllByText('New').length).toBeGreaterThan(0);
});

it('shows words as words', async () => {
  const { album } = links.list.find(({ id }) => id === link) ?? {};
  await host.call('comment.add', { album: album ?? '', text: '<img src=x onerror=alert(1)>' });
  render(Conversation, { of: { link }, onuncomment });
  expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeVisible();
});

it('answers, likes, and leaves deleting to the window, which can undo it', async () => {
  const user = userEvent.setup();
  render(Conversation, { of: { link }, onuncomment });
  await user.type(await screen.findByTestId('comment-text'), 'Come by on Sunday!');
  await user.click(screen.getByTestId('comment-send'));
  const mine = await screen.findByText('Come by on Sunday!');
  expect(screen.getByTestId('comment-text')).toHaveValue('');
  await user.click(screen.getByLabelText('Like'));
  expect(await screen.findByText(/3 likes: Mira/)).toBeVisible();
  await user.click(screen.getByLabelText('Like'));
  expect(await screen.findByText(/2 likes/)).toBeVisible();
  const row = mine.closest('li') as HTMLElement;
  await user.click(within(row).getByTestId('comment-delete'));
  expect(onuncomment).toHaveBeenCalledOnce();
});

it('keeps what was written when it could not be sent, and says why', async () => {
  const user = userEvent.setup();
  render(Conversation, { of: { link }, onuncomment });
  await user.type(await screen.findByTestId('comment-text'), 'Hello');
  sample.refuse('comment.add', 'The disk is full. Free some space and try again.');
  await user.click(screen.getByTestId('comment-send'));
  expect(await screen.findByText(/The disk is full/)).toBeVisible();
  expect(screen.getByTestId('comment-text')).toHaveValue('Hello');
});

it('answers to where a photo was spoken of, and is quiet where nobody was', async () => {
  const user = userEvent.setup();
  const { comments } = await host.call('comment.list', {});
  const spoken = comments.find(({ asset }) => asset !== null);
  render(Conversation, { asset: spoken?.asset ?? '', quiet: true, onuncomment });
  await user.type(await screen.findByTestId('comment-text'), 'Yes!');
  await user.click(screen.getByTestId('comment-send'));
  await screen.findByText('Yes!');
  expect(sample.asked.findLast(({ name }) => name === 'comment.add')?.payload).toEqual({
    album: spoken?.album,
    asset: spoken?.asset,
    text: 'Yes!',
  });
  cleanup();
  const silent = [...sample.library.assets.keys()].at(-1);
  const { container } = render(Conversation, { asset: silent, quiet: true, onuncomment });
  await vi.waitFor(() =>
    expect(sample.asked.at(-1)).toEqual({
      name: 'comment.list',
      payload: { asset: silent, limit: 50 },
    }),
  );
  expect(container).toHaveTextContent('');
});
