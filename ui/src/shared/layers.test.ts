/** Menus and sheets by keyboard alone: they take the focus, keep keys to themselves, and give it back. */
import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import Menu from './Menu.svelte';
import Sheet from './Sheet.svelte';

let opener: HTMLButtonElement;
const behind = vi.fn();

beforeEach(() => {
  opener = document.body.appendChild(document.createElement('button'));
  opener.focus();
  addEventListener('keydown', behind);
});
afterEach(() => {
  cleanup();
  removeEventListener('keydown', behind);
  opener.remove();
  behind.mockClear();
});

/** By its words: nothing is laid out here, so what floats counts as hidden. */
function verb(words: string): HTMLElement {
  const item = screen.getByText(words).closest<HTMLElement>('[role=menuitem]');
  if (!item) throw new Error(`${words} is no verb of a menu`);
  return item;
}

function menu() {
  const chosen = vi.fn();
  const onclose = vi.fn(() => cleanup());
  render(Menu, {
    at: opener,
    label: 'Photos',
    items: [
      { text: 'Open', run: () => chosen('open') },
      'line',
      { text: 'Archive', run: () => chosen('archive') },
      { text: 'Move to trash', keys: 'Del', run: () => chosen('trash') },
    ],
    onclose,
  });
  return { chosen, onclose };
}

it('a menu begins at its first verb; arrows, ends and letters lead to the others', async () => {
  const user = userEvent.setup();
  menu();
  await vi.waitFor(() => expect(verb('Open')).toHaveFocus());
  await user.keyboard('{ArrowDown}');
  expect(verb('Archive')).toHaveFocus();
  await user.keyboard('{End}');
  expect(verb('Move to trash')).toHaveFocus();
  await user.keyboard('{ArrowDown}');
  expect(verb('Open')).toHaveFocus();
  await user.keyboard('a');
  expect(verb('Archive')).toHaveFocus();
  expect(behind).not.toHaveBeenCalled();
});

it('Enter does the verb once, and the menu is gone', async () => {
  const user = userEvent.setup();
  const { chosen, onclose } = menu();
  await vi.waitFor(() => expect(verb('Open')).toHaveFocus());
  await user.keyboard('{ArrowDown}{Enter}');
  expect(chosen.mock.calls).toEqual([['archive']]);
  expect(onclose).toHaveBeenCalled();
});

it.each(['{Escape}', '{Tab}'])('%s leaves a menu and chooses nothing', async (key) => {
  const user = userEvent.setup();
  const { chosen, onclose } = menu();
  await vi.waitFor(() => expect(verb('Open')).toHaveFocus());
  await user.keyboard(key);
  expect(onclose).toHaveBeenCalled();
  expect(chosen).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(opener).toHaveFocus());
});

it('the press that opened a menu chooses nothing where it ends', async () => {
  const { chosen } = menu();
  const trash = await vi.waitFor(() => verb('Move to trash'));
  trash.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, cancelable: true }));
  expect(chosen).not.toHaveBeenCalled();
  trash.click();
  expect(chosen).toHaveBeenCalledWith('trash');
});

const html = (text: string) => createRawSnippet(() => ({ render: () => text }));

it('a sheet begins where there is something to write, and Esc leaves it', async () => {
  const user = userEvent.setup();
  const onclose = vi.fn(() => cleanup());
  render(Sheet, {
    title: 'New album',
    onclose,
    children: html('<input aria-label="Title">'),
    foot: html('<button>Create</button>'),
  });
  expect(await screen.findByRole('dialog', { name: 'New album' })).toBeVisible();
  await vi.waitFor(() => expect(screen.getByLabelText('Title')).toHaveFocus());
  await user.keyboard('{Escape}');
  expect(onclose).toHaveBeenCalledOnce();
  expect(behind).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(opener).toHaveFocus());
});
