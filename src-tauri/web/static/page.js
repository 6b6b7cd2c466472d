// What the page does beyond its links and forms: keys, swipes, neighbours read
// ahead, focus brought back, the password shown. Nothing here is needed.
(() => {
  'use strict';
  const rel = (name) => document.querySelector(`a[rel~="${name}"]`);
  const follow = (link) => link && link.click();

  // Back from a photo: the photo that was open holds the focus.
  const returned = /^#p-[\w-]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (returned) returned.focus({ preventScroll: true });

  const stage = document.querySelector('.stage');
  const film = document.querySelector('video');
  if (stage) {
    addEventListener('keydown', (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
      // Within the player the arrows seek, and Escape leaves the full screen first.
      if (event.target === film && event.key !== 'Escape') return;
      if (document.fullscreenElement) return;
      if (event.key === 'ArrowLeft') follow(rel('prev'));
      else if (event.key === 'ArrowRight') follow(rel('next'));
      else if (event.key === 'Escape') follow(rel('up'));
      else return;
      event.preventDefault();
    });

    let start = null;
    stage.addEventListener('touchstart', (event) => {
      const touch = event.touches[0];
      // The player's own controls, along its lower edge, are drawn sideways too.
      const onControls = film && touch.clientY > film.getBoundingClientRect().bottom - 112;
      const one = event.touches.length === 1 && !onControls;
      start = one ? { x: touch.clientX, y: touch.clientY } : null;
    }, { passive: true });
    stage.addEventListener('touchend', (event) => {
      if (!start || (visualViewport && visualViewport.scale > 1.05)) return;
      const touch = event.changedTouches[0];
      const x = touch.clientX - start.x;
      const y = touch.clientY - start.y;
      start = null;
      if (Math.abs(x) < 48 || Math.abs(x) < 1.5 * Math.abs(y)) return;
      event.preventDefault();
      follow(rel(x < 0 ? 'next' : 'prev'));
    });

    // The next photo first: most people go forward.
    addEventListener('load', () => {
      for (const link of [rel('next'), rel('prev')]) {
        if (link && !('bare' in link.dataset)) new Image().src = `${link.href}/preview`;
      }
    });
  }

  // A video that is not there yet: say so, and open by itself when it is.
  const soon = document.querySelector('.soon');
  if (soon) {
    const again = soon.querySelector('a');
    const state = () =>
      fetch(again.dataset.film, { method: 'HEAD' }).then((answer) => answer.status, () => 0);
    const wait = () => setTimeout(async () => {
      if (!document.hidden && (await state()) === 200) location.reload();
      else wait();
    }, 10000);
    if (film) {
      film.querySelector('source').addEventListener('error', async () => {
        const word = (await state()) === 503 ? soon : document.querySelector('.failed');
        word.hidden = false;
        // Without its controls it is the poster alone, and no endless wheel.
        film.controls = false;
        if (word === soon) wait();
      });
    } else wait();
  }

  const field = document.querySelector('#password');
  const reveal = document.querySelector('.reveal');
  if (field && reveal) {
    reveal.hidden = false;
    reveal.addEventListener('click', () => {
      const hidden = field.type === 'password';
      field.type = hidden ? 'text' : 'password';
      reveal.setAttribute('aria-pressed', String(hidden));
      field.focus();
    });
    field.form.addEventListener('submit', () => { field.type = 'password'; });
  }
})();
