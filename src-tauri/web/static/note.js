// For the sender alone: that somebody was here, and how many photos they looked at or
// took along. Told after a gesture only; with nothing that says who it was.
(() => {
  'use strict';
  const base = (/^\/(?:share|s)\/[^/]+/.exec(location.pathname) || [])[0];
  if (!base || document.querySelector('#password') || !document.querySelector('.grid, .stage, .empty, .send')) return;

  let visit;
  try {
    visit = sessionStorage.getItem('visit');
  } catch {
    // A browser that keeps nothing begins a visit with each page.
  }
  let opened = Boolean(visit);
  if (!visit) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    visit = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  const tell = (deed, count = 1) =>
    fetch(`${base}/note`, {
      method: 'POST',
      keepalive: true,
      body: new URLSearchParams({ visit, deed, count }),
    }).catch(() => {});

  let last = '';
  const looked = () => {
    const photo = (/\/photo\/([^/]+)$/.exec(location.pathname) || [])[1];
    if (!opened || !photo || photo === last) return;
    last = photo;
    tell('photo');
  };

  const gesture = () => {
    for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchmove']) removeEventListener(kind, gesture, true);
    if (!opened) tell('open');
    opened = true;
    try {
      sessionStorage.setItem('visit', visit);
    } catch {
      // As above.
    }
    looked();
  };
  for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchmove'])
    addEventListener(kind, gesture, { capture: true, passive: true });
  looked();
  for (const how of ['pushState', 'replaceState']) {
    const did = history[how];
    history[how] = function (...all) {
      did.apply(history, all);
      looked();
    };
  }

  addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a[href*="/download"], a[href*="/archive"]');
    if (link) tell('download', Number(link.dataset.files) || 1);
  });
  addEventListener('submit', (event) => {
    const chosen = event.target.querySelectorAll('input[name="item"]:checked').length;
    if (chosen > 0) tell('download', chosen);
  });
})();
