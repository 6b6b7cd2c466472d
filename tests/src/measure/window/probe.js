// What is measured inside the page. Each measurement leaves its figures in `probe.answer`.
window.probe = (() => {
  const grid = () => document.querySelector('.scroller');
  const tiles = () => [...document.querySelectorAll('[data-testid=tile]')];
  const frame = () => new Promise((done) => requestAnimationFrame(() => done(performance.now())));
  const nodes = () => document.querySelectorAll('.frame *').length;
  const inView = (tile) => {
    const box = tile.getBoundingClientRect();
    return box.bottom > 60 && box.top < innerHeight;
  };
  const ready = (tile) => {
    const picture = tile.querySelector('img.picture');
    return picture !== null && picture.complete && picture.naturalWidth > 0;
  };
  const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? null;
  const most = (numbers) => Math.max(0, ...numbers);
  const p95 = (numbers) =>
    [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * 0.95)] ?? null;

  /** Gaps between turns of the event loop, until it is stopped: what blocks the main thread. */
  function gaps() {
    const channel = new MessageChannel();
    const found = [];
    let last = performance.now();
    let on = true;
    channel.port1.onmessage = () => {
      const now = performance.now();
      found.push(now - last);
      last = now;
      if (on) channel.port2.postMessage(0);
    };
    channel.port2.postMessage(0);
    return () => {
      on = false;
      return most(found);
    };
  }

  /** From the scroll event to the frame's callbacks: our own work in between, not the renderer's. */
  function scripts() {
    const found = [];
    const heard = () => {
      const began = performance.now();
      requestAnimationFrame(() => found.push(performance.now() - began));
    };
    addEventListener('scroll', heard, true);
    return () => {
      removeEventListener('scroll', heard, true);
      const over = found.filter((took) => took > 50).length;
      return {
        median: median(found),
        p95: p95(found),
        longest: most(found),
        over50: `${over} of ${found.length}`,
      };
    };
  }

  function press(share) {
    const scrubber = document.querySelector('[data-testid=scrubber]');
    const track = scrubber.firstElementChild.getBoundingClientRect();
    const at = { clientX: track.left + 10, clientY: track.top + track.height * share };
    const event = { ...at, bubbles: true, pointerId: 1, button: 0, pointerType: 'mouse' };
    scrubber.dispatchEvent(new PointerEvent('pointerdown', event));
    scrubber.dispatchEvent(new PointerEvent('pointerup', event));
  }

  async function jumps(shares) {
    const placed = [];
    const pictured = [];
    const told = [];
    for (const share of shares) {
      const before = new Set(tiles());
      const began = performance.now();
      press(share);
      let seen = [];
      do {
        await frame();
        seen = tiles().filter((tile) => !before.has(tile) && inView(tile));
      } while (seen.length === 0);
      placed.push(performance.now() - began);
      const waiting = new Set(seen);
      while (waiting.size > 0 && performance.now() - began < 8000) {
        await frame();
        for (const tile of waiting) {
          if (!tile.isConnected) waiting.delete(tile);
          else if (ready(tile)) {
            pictured.push(performance.now() - began);
            waiting.delete(tile);
          }
        }
      }
      told.push({ share, tiles: seen.length, missing: waiting.size });
      await new Promise((done) => setTimeout(done, 400));
    }
    return {
      thumbhashes: { median: median(placed), longest: most(placed) },
      thumbnails: { median: median(pictured), longest: most(pictured), count: pictured.length },
      told,
    };
  }

  async function idle() {
    const end = gaps();
    await new Promise((done) => setTimeout(done, 3000));
    return { gap: end() };
  }

  async function scroll(step, frames) {
    const endGaps = gaps();
    const endScripts = scripts();
    let elements = 0;
    let empty = 0;
    for (let i = 0; i < frames; i += 1) {
      grid().scrollTop += step;
      await frame();
      elements = Math.max(elements, nodes());
      if (document.querySelector('.coming')) empty += 1;
    }
    const scrolled = { script: endScripts(), gap: endGaps(), nodes: elements, empty };
    const endLanding = gaps();
    await new Promise((done) => setTimeout(done, 500));
    return { ...scrolled, landing: endLanding() };
  }

  /** How far the grid is, in hundredths of its photos; while it flies past there are no tiles. */
  const reached = () =>
    document.querySelector('[data-testid=scrubber]').getAttribute('aria-valuenow');

  /** From the first photo to the last, a section's height at a time. */
  async function everything() {
    press(0);
    await new Promise((done) => setTimeout(done, 500));
    let still = 0;
    let steps = 0;
    while (still < 40) {
      const before = reached();
      grid().scrollTop += 15_000;
      await frame();
      for (let i = 0; i < 60 && document.querySelector('.coming'); i += 1) await frame();
      steps += 1;
      still = reached() === before ? still + 1 : 0;
      if (still > 0) await new Promise((done) => setTimeout(done, 20));
    }
    return { steps, last: tiles().at(-1)?.getAttribute('aria-posinset'), nodes: nodes() };
  }

  const all = { jumps, idle, scroll, everything };
  const probe = {
    answer: null,
    first() {
      const [mark] = performance.getEntriesByName('albumen: first rows');
      return mark ? { first: mark.startTime, tiles: tiles().length, nodes: nodes() } : null;
    },
    begin(name, ...words) {
      probe.answer = null;
      all[name](...words).then(
        (answer) => (probe.answer = answer),
        (error) => (probe.answer = { error: String(error) }),
      );
    },
  };
  return probe;
})();
