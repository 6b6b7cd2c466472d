/** What is asked of Albumen from outside its window, and what it says while that is out of sight. */
import type { Asked } from '../host';
import { host } from '../host';
import { imports } from '../import/imports.svelte';
import { m } from '../paraglide/messages';
import { importResult } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';
import { sheets } from '../views/sheets.svelte';
import { where } from '../views/place.svelte';
import { invitationOf, placeOf } from './address';

const told = 'albumen.told-of-tray';

/** Gives the tray its words and hears what comes from outside, until what this answers is called. */
export function startShell(): () => void {
  void host.tellWords({
    open: m.tray_open(),
    sharing: m.tray_sharing(),
    pause: m.tray_pause(),
    quit: m.tray_quit(),
  });
  const ends = [
    host.onAsked((all) => all.forEach((one) => void answer(one))),
    host.onHidden(tellOfTray),
    host.onQuitting(askBeforeQuitting),
    host.onJob((job) => {
      const ended = job.kind === 'import' && job.state === 'done';
      if (ended && document.hidden) void host.notify(m.import_done(), importResult(job));
    }),
  ];
  return () => ends.forEach((end) => end());
}

async function answer(asked: Asked): Promise<void> {
  if (asked.kind === 'visit') {
    const invitation = invitationOf(asked.address);
    const place = placeOf(asked.address);
    // It is filled in, and joined only by who presses the button.
    if (invitation) sheets.open = { kind: 'connect', invitation };
    else if (place) where.go(place);
    else toasts.fail(m.address_unknown({ address: asked.address }));
    return;
  }
  const report = await imports.run(asked.paths);
  if (asked.kind === 'open' || report === null) return;
  const assets = [...report.assets, ...report.known];
  if (assets.length > 0) sheets.open = { kind: 'share', subject: { assets }, name: '' };
}

/** The first time the window closes into the tray, it says where Albumen went. */
function tellOfTray(): void {
  if (localStorage.getItem(told)) return;
  localStorage.setItem(told, 'yes');
  void host.notify(m.tray_goes_on(), m.tray_goes_on_why());
}

function askBeforeQuitting(visitors: number): void {
  sheets.open = {
    kind: 'ask',
    title: m.quit_ask(),
    text: m.quit_visitors({ count: visitors }),
    verb: m.tray_quit(),
    confirm: () => host.quit(),
  };
}
