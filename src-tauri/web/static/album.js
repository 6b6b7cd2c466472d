// The album, however long: pages are loaded as they come near, and emptied when they
// are far away, so that a phone holds a few hundred pictures and never twenty thousand.
(() => {
  'use strict';
  const parts = document.querySelector('.parts');
  if (!parts) return;
  const nav = document.querySelector('.pages');
  const grids = () => [...parts.querySelectorAll('ul')];
  const parse = (html) => new DOMParser().parseFromString(html, 'text/html');

  // A row that its page could not fill goes on to the next page, unless a heading is between.
  const settle = (grid) => {
    const next = grid && grid.nextElementSibling;
    if (!next || next.tagName !== 'UL' || !grid.firstElementChild || !next.firstElementChild) return;
    grid.classList.add('on');
    const { columnGap, paddingLeft, paddingRight } = getComputedStyle(grid);
    const gap = parseFloat(columnGap);
    const room = grid.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) + gap;
    const wide = (tile) => parseFloat(getComputedStyle(tile).flexBasis) + gap;
    const row = [...grid.children].filter((tile) => tile.offsetTop === grid.lastElementChild.offsetTop);
    const one = row.reduce((sum, tile) => sum + wide(tile), wide(next.firstElementChild));
    if (one <= room && row.length < grid.children.length) next.prepend(...row);
  };

  // Far away a page is only as high as it was.
  const away = new Map();
  const bring = (grid) => {
    if (!away.has(grid)) return;
    grid.innerHTML = away.get(grid);
    grid.style.height = '';
    away.delete(grid);
  };
  const send = (grid) => {
    // A usual album stays whole, to be searched and read out.
    if (parts.querySelectorAll('li').length < 1000 || away.has(grid)) return;
    if (grid.querySelector(':checked') || grid.contains(document.activeElement)) return;
    const high = grid.getBoundingClientRect().height;
    away.set(grid, grid.innerHTML);
    grid.replaceChildren();
    grid.style.height = `${high}px`;
  };
  const near = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) (isIntersecting ? bring : send)(target);
  }, { rootMargin: '300% 0px' });

  // The address tells the page that is in the middle, so that Back and Reload come to it.
  const middle = new IntersectionObserver((seen) => {
    const now = seen.find((entry) => entry.isIntersecting);
    if (!now || document.querySelector('dialog[open]')) return;
    const here = new URL(location);
    const page = now.target.dataset.page;
    if ((here.searchParams.get('page') ?? '1') === page) return;
    here.searchParams.set('page', page);
    here.hash = '';
    history.replaceState(history.state, '', here);
    for (const link of document.querySelectorAll('a.select')) {
      link.href = link.href.replace(/page=\d+/, `page=${page}`);
    }
  }, { rootMargin: '-50% 0px' });
  const watch = (grid) => {
    near.observe(grid);
    middle.observe(grid);
  };
  grids().forEach(watch);

  // The album's other pages. What fails is tried again when it comes near once more;
  // the links stay.
  const read = async (href) => {
    const answer = await fetch(href);
    const page = parse(await answer.text());
    if (!answer.ok || !page.querySelector('.parts')) throw new Error(href);
    return page;
  };
  const rel = (root, name) => root && root.querySelector(`.pages [rel=${name}]`);
  const words = (heading) => heading && heading.tagName === 'H2' && heading.textContent;

  let busy = false;
  const down = async () => {
    const next = rel(document, 'next');
    if (!next || busy) return;
    busy = true;
    try {
      const page = await read(next.href);
      const came = [...page.querySelector('.parts').children];
      const edge = parts.lastElementChild;
      if (words(came[0]) && words(came[0]) === words([...parts.querySelectorAll('h2')].pop())) came.shift();
      parts.append(...came);
      settle(edge);
      came.filter((part) => part.tagName === 'UL').forEach(watch);
      nav.replaceChildren(...page.querySelector('.pages').childNodes);
      nav.hidden = !rel(document, 'next');
    } finally {
      busy = false;
    }
    ahead.unobserve(nav);
    ahead.observe(nav);
  };
  const ahead = new IntersectionObserver((seen) => {
    if (seen.some((entry) => entry.isIntersecting)) down().catch(() => {});
  }, { rootMargin: '300% 0px' });
  if (nav) ahead.observe(nav);

  // Upwards: what is looked at stays where it is.
  let above = rel(document, 'prev');
  const top = document.querySelector('.top');
  let lifting = false;
  const up = async () => {
    if (!above || lifting) return;
    lifting = true;
    try {
      const page = await read(above.href);
      const came = [...page.querySelector('.parts').children];
      const seen = [...parts.querySelectorAll('li')].find((tile) => tile.getBoundingClientRect().bottom > 0);
      const was = seen && seen.getBoundingClientRect().top;
      const first = parts.firstElementChild;
      if (words(first) && words(first) === words(came.filter(words).pop())) first.remove();
      parts.prepend(...came);
      settle(came[came.length - 1]);
      if (seen) scrollBy({ top: seen.getBoundingClientRect().top - was, behavior: 'instant' });
      came.filter((part) => part.tagName === 'UL').forEach(watch);
      above = rel(page, 'prev');
    } finally {
      lifting = false;
    }
    behind.unobserve(top);
    behind.observe(top);
  };
  const behind = new IntersectionObserver((seen) => {
    if (seen.some((entry) => entry.isIntersecting)) up().catch(() => {});
  }, { rootMargin: '200% 0px' });
  if (above) addEventListener('scroll', () => behind.observe(top), { once: true });

  // In another width the rows break elsewhere.
  let wide = parts.clientWidth;
  new ResizeObserver(() => {
    const now = parts.clientWidth;
    if (now === wide) return;
    for (const grid of grids()) {
      if (away.has(grid)) grid.style.height = `${(parseFloat(grid.style.height) * wide) / now}px`;
      else settle(grid);
    }
    wide = now;
  }).observe(parts);

  // Where a photo stands, for the viewer that closes over it.
  window.tile = (id) => {
    for (const [grid, html] of away) if (html.includes(`id="${id}"`)) bring(grid);
    return document.getElementById(id);
  };

  // Choosing: how many, and from one to another with Shift.
  const form = document.querySelector('.picks');
  if (form) {
    const told = form.querySelector('output');
    const boxes = () => [...form.querySelectorAll('[name=item]')];
    const count = () => {
      const many = boxes().filter((box) => box.checked).length;
      const over = many > Number(told.dataset.limit);
      const number = many.toLocaleString(document.documentElement.lang);
      told.textContent = over ? told.dataset.most : told.dataset.many.replace('{}', number);
      form.querySelector('button').disabled = over || !many;
    };
    let from;
    form.addEventListener('click', (event) => {
      const box = event.target.closest('[name=item]');
      if (!box) return;
      if (event.shiftKey && from) {
        const all = boxes();
        const [start, end] = [all.indexOf(from), all.indexOf(box)].sort((a, b) => a - b);
        for (const other of all.slice(Math.max(start, 0), end + 1)) other.checked = box.checked;
      }
      from = box;
      count();
    });
    addEventListener('pageshow', count);
    count();
  }
})();
