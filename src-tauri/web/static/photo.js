// One photo at a time: keys, swipes, the slideshow, neighbours read ahead. Opened from
// the album it lies over it, so that closing it finds everything where it was.
(() => {
  'use strict';
  const album = document.querySelector('.parts');
  let frame = document.querySelector('.frame');
  if (!album && !frame) return;
  const title = document.title;
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const rel = (name) => frame && frame.querySelector(`a[rel~="${name}"]`);
  const follow = (link) => link && link.click();
  const at = ({ pathname }) => /\/photo\/[\w-]+$/.test(pathname);
  let over;
  let place = 0;
  // Keys and swipes wait for the photo that is on its way, and turn on from there.
  let going = Promise.resolve();
  let queue = Promise.resolve();
  const turn = (name) => {
    queue = queue.then(() => going).then(() => {
      follow(rel(name));
      return going;
    });
  };

  const pages = new Map();
  const read = (href) => {
    if (!pages.has(href)) {
      const reading = fetch(href).then(async (answer) => {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        if (!answer.ok || !page.querySelector('.frame')) throw new Error(href);
        return page;
      });
      reading.catch(() => pages.delete(href));
      pages.set(href, reading);
      if (pages.size > 6) pages.delete(pages.keys().next().value);
    }
    return pages.get(href);
  };

  let turns = 0;
  const go = async (href, how) => {
    const mine = (turns += 1);
    if (how === 'pushState') {
      // Browsers differ in where Back scrolls to; the album has not moved.
      history.scrollRestoration = 'manual';
      place = scrollY;
    }
    // At once: WebKit's Back passes over what no gesture has made.
    if (how) history[how](null, '', href);
    let page;
    try {
      page = await read(href);
    } catch {
      // Gone, locked or away: the page itself says which.
      location.replace(href);
      return;
    }
    if (mine !== turns) return;
    if (!frame) {
      over = document.createElement('dialog');
      over.className = 'photo';
      frame = document.createElement('div');
      frame.className = 'frame';
      over.append(frame);
      document.body.append(over);
      over.addEventListener('cancel', (event) => {
        event.preventDefault();
        follow(rel('up'));
      });
      handle(over);
    }
    const focused = document.activeElement;
    const held = frame.contains(focused) && (focused.rel || focused.className);
    document.title = page.title;
    // A copy: the page is kept for the way back.
    frame.replaceChildren(...page.querySelector('.frame').cloneNode(true).childNodes);
    frame.classList.toggle('turned', !still.matches);
    if (over && !over.open) over.showModal();
    const heading = frame.querySelector('h1');
    heading.tabIndex = -1;
    const again = held && [...frame.querySelectorAll('a, button')].find((one) => (one.rel || one.className) === held);
    mount();
    (again || heading).focus({ preventScroll: true });
  };

  const close = () => {
    turns += 1;
    const item = rel('up').hash.slice(1);
    const up = rel('up').href;
    play(false);
    over.close();
    frame.replaceChildren();
    document.title = title;
    const tile = window.tile(item);
    // Turned to where the album is not loaded: the album opens there.
    if (!tile) return location.replace(up);
    scrollTo({ top: place, behavior: 'instant' });
    history.scrollRestoration = 'auto';
    tile.focus({ preventScroll: true });
    const box = tile.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) tile.scrollIntoView({ block: 'center', behavior: 'instant' });
  };
  addEventListener('popstate', () => {
    turns += 1;
    if (at(location)) going = go(location.href);
    else if (over && over.open) close();
  });

  addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a');
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.closest('.grid')) going = go(link.href, 'pushState');
    else if (/prev|next/.test(link.rel) && frame && frame.contains(link)) going = go(link.href, 'replaceState');
    else if (link.rel === 'up' && over && over.open) history.back();
    else if (link.matches('.live')) move(link);
    else return;
    event.preventDefault();
  });

  // The moving part of a photo, once, over the photo.
  const move = (link) => {
    const film = document.createElement('video');
    film.src = link.href;
    film.playsInline = true;
    film.className = 'moving';
    film.onended = film.onerror = () => film.remove();
    link.before(film);
    film.play().catch(film.onerror);
  };

  let timer;
  let showing = false;
  const play = (on) => {
    showing = on;
    clearTimeout(timer);
    const button = frame.querySelector('.slides');
    if (button) button.setAttribute('aria-pressed', String(on));
    if (on) advance();
  };
  const advance = () => {
    clearTimeout(timer);
    const next = rel('next');
    if (!next) return play(false);
    const go = () => showing && follow(next);
    const wait = () => { timer = setTimeout(go, 5000); };
    const film = frame.querySelector('video');
    const picture = frame.querySelector('.stage img[alt]:not([alt=""])');
    if (film) {
      film.muted = true;
      film.addEventListener('ended', go, { once: true });
      film.play().catch(wait);
    } else if (picture) picture.decode().then(wait, wait);
    else wait();
  };

  // What was said makes the pages that were read ahead old; and who writes is not led on.
  document.addEventListener('said', () => pages.clear());
  addEventListener('focusin', (event) => {
    if (showing && event.target.closest('.talk')) play(false);
  });

  // What is done once for each photo that is shown.
  const mount = () => {
    document.dispatchEvent(new Event('shown'));
    const slides = frame.querySelector('.slides');
    slides.hidden = !rel('next');
    slides.onclick = () => play(!showing);
    if (showing) play(true);
    const film = frame.querySelector('video');
    const soon = frame.querySelector('.soon');
    const here = turns;
    // A video that is not there yet: say so, and open by itself when it is.
    if (soon) {
      const again = soon.querySelector('a');
      const state = () => fetch(again.dataset.film, { method: 'HEAD' }).then((answer) => answer.status, () => 0);
      const wait = () => setTimeout(async () => {
        if (here !== turns) return;
        if (!document.hidden && (await state()) === 200) location.reload();
        else wait();
      }, 10000);
      if (film) {
        film.querySelector('source').addEventListener('error', async () => {
          const word = (await state()) === 503 ? soon : frame.querySelector('.failed');
          word.hidden = false;
          // Without its controls it is the poster alone, and no endless wheel.
          film.controls = false;
          if (word === soon) wait();
        });
      } else wait();
    }
    // The next photo first: most people go forward.
    const ahead = () => {
      for (const link of [rel('next'), rel('prev')]) {
        if (!link) continue;
        read(link.href).catch(() => {});
        if (!('bare' in link.dataset)) new Image().src = `${link.href}/preview`;
      }
    };
    const picture = frame.querySelector('.stage img:last-of-type');
    if (picture && !picture.complete) picture.addEventListener('load', ahead);
    else if (document.readyState === 'complete') ahead();
    else addEventListener('load', ahead);
  };

  const isNear = () => Boolean(visualViewport && visualViewport.scale > 1.05);
  if (visualViewport) {
    visualViewport.addEventListener('resize', () => {
      document.documentElement.classList.toggle('near', isNear());
    });
  }

  const handle = (root) => {
    let start = null;
    root.addEventListener('touchstart', (event) => {
      const film = frame.querySelector('video[controls]');
      const touch = event.touches[0];
      // The player's own controls, along its lower edge, are drawn sideways too.
      const onControls = film && touch.clientY > film.getBoundingClientRect().bottom - 112;
      const one = event.touches.length === 1 && event.target.closest('.stage') && !onControls;
      start = one ? { x: touch.clientX, y: touch.clientY } : null;
    }, { passive: true });
    root.addEventListener('touchend', (event) => {
      if (!start || isNear()) return;
      const touch = event.changedTouches[0];
      const x = touch.clientX - start.x;
      const y = touch.clientY - start.y;
      start = null;
      // Down closes, as in every viewer of a phone.
      if (y > 96 && y > 2 * Math.abs(x) && over && over.scrollTop <= 0) {
        event.preventDefault();
        follow(rel('up'));
      }
      if (Math.abs(x) < 48 || Math.abs(x) < 1.5 * Math.abs(y)) return;
      event.preventDefault();
      turn(x < 0 ? 'next' : 'prev');
    });
  };

  addEventListener('keydown', (event) => {
    if (!at(location) || document.fullscreenElement) return;
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    if (event.target.closest('input, textarea')) {
      if (event.key !== 'Escape') return;
      event.target.blur();
      event.preventDefault();
      return;
    }
    // Within the player the arrows seek, and Escape leaves the full screen first.
    if (event.target.tagName === 'VIDEO' && event.key !== 'Escape') return;
    if (event.key === 'ArrowLeft') turn('prev');
    else if (event.key === 'ArrowRight') turn('next');
    else if (event.key === 'Escape') turn('up');
    else if (event.key === 's' && frame) play(!showing);
    else return;
    event.preventDefault();
  });

  if (frame) {
    handle(document);
    mount();
  }
})();
