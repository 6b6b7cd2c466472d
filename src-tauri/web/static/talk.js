// Comments and likes without leaving the place. What this browser said it knows again by
// a word that it keeps, from the first thing that it says; the name is kept beside it.
(() => {
  'use strict';
  const base = (/^\/(?:share|s)\/[^/]+/.exec(location.pathname) || [])[0];
  if (!base) return;
  const key = `said ${base}`;
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const keep = (name, value) => {
    try {
      localStorage.setItem(name, value);
    } catch {
      // It is known until the page is left.
    }
  };

  let own = { proof: '', likes: [] };
  try {
    own = { ...own, ...JSON.parse(kept(key)) };
  } catch {
    // Begun anew.
  }
  let name = kept('said by') || '';
  const proof = () => {
    if (!own.proof) {
      const bytes = crypto.getRandomValues(new Uint8Array(24));
      own.proof = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      keep(key, JSON.stringify(own));
    }
    return own.proof;
  };
  const itemOf = (talk) => (talk.querySelector('[name=item]') || { value: '' }).value;

  // What only this browser knows of a conversation.
  const settle = (talk) => {
    talk.querySelector('.write [name=name]').value ||= name;
    const heart = talk.querySelector('.heart button');
    heart.setAttribute('aria-pressed', String(own.likes.includes(itemOf(talk))));
    if (!own.proof) return;
    for (const said of talk.querySelectorAll(`[data-by="${own.proof.slice(0, 16)}"]`)) {
      const take = document.createElement('button');
      take.type = 'button';
      take.className = 'take';
      take.textContent = talk.dataset.delete;
      said.append(take);
    }
  };

  const send = async (talk, to, more) => {
    const fields = new URLSearchParams({
      proof: proof(),
      form: talk.querySelector('[name=form]').value,
      ...(itemOf(talk) && { item: itemOf(talk) }),
      ...more,
    });
    const wrong = talk.querySelector('.wrong');
    let words = talk.dataset.unsent;
    try {
      const answer = await fetch(`${base}/${to}`, { method: 'POST', body: fields });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('.talk');
      if (answer.ok && fresh) {
        fresh.querySelector('details').open = talk.querySelector('details').open;
        // What is being written stays.
        if (to !== 'comment') fresh.querySelector('textarea').value = talk.querySelector('textarea').value;
        talk.replaceWith(fresh);
        settle(fresh);
        document.dispatchEvent(new Event('said'));
        return fresh;
      }
      const told = page.querySelector('.sheet > p');
      if (told) words = told.textContent;
    } catch {
      // Away: so it is told.
    }
    talk.querySelector('details').open = true;
    wrong.textContent = words;
    wrong.hidden = false;
    return null;
  };

  let busy = false;
  const once = async (act) => {
    if (busy) return;
    busy = true;
    await act();
    busy = false;
  };

  addEventListener('submit', (event) => {
    const form = event.target.closest('.talk form');
    if (!form) return;
    event.preventDefault();
    const talk = form.closest('.talk');
    once(async () => {
      if (form.matches('.heart')) {
        const item = itemOf(talk);
        const liked = own.likes.includes(item);
        const before = own.likes;
        own.likes = liked ? before.filter((one) => one !== item) : [...before, item];
        const fresh = await send(talk, liked ? 'withdraw' : 'like', liked ? {} : { name });
        if (!fresh) own.likes = before;
        keep(key, JSON.stringify(own));
        if (fresh) fresh.querySelector('.heart button').focus();
        return;
      }
      name = form.elements.name.value.trim();
      keep('said by', name);
      const fresh = await send(talk, 'comment', { name, text: form.elements.text.value });
      if (fresh) fresh.querySelector('textarea').focus({ preventScroll: true });
    });
  });

  addEventListener('click', (event) => {
    const take = event.target.closest && event.target.closest('.take');
    if (!take) return;
    const talk = take.closest('.talk');
    once(async () => {
      const fresh = await send(talk, 'withdraw', { id: take.parentElement.id.slice(2) });
      if (fresh) fresh.querySelector('textarea').focus({ preventScroll: true });
    });
  });

  // A photo that was opened over the album.
  document.addEventListener('shown', () => {
    const talk = document.querySelector('.frame .talk');
    if (talk) settle(talk);
  });
  document.querySelectorAll('.talk').forEach(settle);
})();
