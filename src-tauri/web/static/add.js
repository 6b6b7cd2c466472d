// The uploader: what makes more of the form by which visitors add photos. The transport
// is tus-js-client's; this part holds the list of files, says how they fare, and tries
// again until they are there. All words and limits stand in the page.
(() => {
  'use strict';
  const form = document.querySelector('form.send');
  if (!form || !self.tus || !tus.isSupported) return;
  const { hash, stack, Unreadable, say, number, size, left, ending, refusal, within, picture } = uploading;
  const { base } = form.dataset;
  const endpoint = `${location.origin}${base}/upload`;
  const find = (selector, within = document) => within.querySelector(selector);
  const list = find('.files');
  const sending = find('.sending');

  // What this browser keeps: the name for all links; of this link the visitor's word
  // and what was sent.
  const keep = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(key);
      localStorage.setItem(key, value);
    } catch {
      // A browser that keeps nothing forgets with the page.
    }
    return null;
  };
  const shelf = `albumen ${base}`;
  let kept = {};
  try {
    kept = JSON.parse(keep(shelf)) || {};
  } catch {
    // Not ours any more; begun anew.
  }
  if (!/^[0-9a-f]{32}$/.test(kept.visitor)) kept = { visitor: form.elements.visitor.value };
  kept.sent = kept.sent || {};
  const save = () => keep(shelf, JSON.stringify(kept));
  save();
  const receipt = `${base}/receipt/${kept.visitor}`;
  form.elements.visitor.value = kept.visitor;
  const name = form.elements.name;
  name.value = name.value || keep('albumen name') || '';
  name.addEventListener('change', () => keep('albumen name', name.value.trim()));

  // The files, in the order they were picked.
  const AT_ONCE = 3;
  // A part that breaks is sent again from its beginning: where networks break, parts are small.
  const LARGEST = 8 << 20;
  const SMALLEST = 1 << 18;
  let part = LARGEST;
  const WAITS = [1, 2, 5, 10, 20, 30, 60];
  const rows = new Set();
  let keys = 0;
  let resting = false;
  let halted = '';
  const of = (...states) => [...rows].filter((row) => states.includes(row.state));
  const print = (file) => `${file.name}|${file.size}|${file.lastModified}`;

  const show = (row, state, why = '') => {
    row.state = state;
    const { element } = row;
    element.dataset.state = state;
    const told = {
      size: size(row.file.size),
      sent: size(row.sent),
      percent: Math.floor((100 * row.sent) / (row.file.size || 1)),
    };
    find('.how', element).textContent = [row.note, why || say(state, told)].filter(Boolean).join(' · ');
    const bar = find('progress', element);
    bar.hidden = !['sending', 'paused', 'retrying', 'checking'].includes(state);
    bar.value = row.sent;
    find('.rest', element).hidden = !['waiting', 'sending', 'retrying'].includes(state);
    find('.go', element).hidden = !['paused', 'failed'].includes(state);
    find('.go', element).setAttribute(
      'aria-label',
      say(state === 'failed' ? 'again_one' : 'resume_one', { name: row.file.name }),
    );
    find('.drop', element).hidden = ['checking', 'received'].includes(state);
    tell();
  };

  const stop = (row) => {
    clearTimeout(row.timer);
    if (row.upload) row.upload.abort();
  };
  const halt = (why) => {
    halted = why;
    for (const row of of('sending', 'retrying')) {
      stop(row);
      show(row, 'waiting');
    }
    find('.halted p').textContent = why;
    find('.halted').hidden = false;
    aloud(why);
    tell();
  };

  const start = (row) => {
    row.timer = 0;
    row.heard = Date.now();
    show(row, 'sending');
    row.upload.options.chunkSize = part;
    row.upload.start();
  };
  const retry = (row, seconds, why) => {
    row.tries += 1;
    const wait = seconds || WAITS[Math.min(row.tries, WAITS.length) - 1];
    show(row, 'retrying', why);
    row.timer = setTimeout(() => start(row), wait * 1000);
  };

  const failed = (row, error) => {
    const answer = error.originalResponse;
    const status = answer ? answer.getStatus() : 0;
    const method = error.originalRequest ? error.originalRequest.getMethod() : '';
    const kind = (answer && answer.getHeader('Content-Type')) || '';
    const sentence = kind.startsWith('text/plain') ? answer.getBody().trim() : '';
    if (error instanceof Unreadable || error.causingError instanceof Unreadable) {
      show(row, 'failed', say('unreadable'));
    } else if (status === 0) {
      if (method === 'PATCH') part = Math.max(part / 2, SMALLEST);
      retry(row);
    } else if ([404, 410].includes(status) && method === 'PATCH' && row.tries < 3) {
      // It may have ended alone, or its link with it: that is told when it is begun anew.
      row.tries += 1;
      start(row);
      return;
    } else if (status === 460 && row.tries > 5) {
      show(row, 'failed', sentence);
    } else if ([408, 409, 423, 425, 429, 460, 500, 502, 503, 504].includes(status)) {
      retry(row, Number(answer.getHeader('Retry-After')), sentence);
    } else if ([401, 403, 404, 410, 507].includes(status)) {
      halt(sentence || say('ended'));
    } else {
      show(row, [413, 415].includes(status) ? 'refused' : 'failed', sentence || say('failed'));
    }
    pump();
  };

  const begin = async (row) => {
    const { file } = row;
    show(row, 'sending');
    const metadata = { filename: file.name, visitor: kept.visitor };
    if (name.value.trim()) metadata.name = name.value.trim();
    if (!row.upload) {
      const upload = new tus.Upload(file, {
        endpoint,
        metadata,
        chunkSize: part,
        retryDelays: null,
        removeFingerprintOnSuccess: true,
        httpStack: stack(row),
        onProgress: (sent) => {
          if (sent > row.sent) row.heard = Date.now();
          row.sent = sent;
          if (row.state === 'sending') show(row, 'sending');
        },
        onChunkComplete: () => {
          row.tries = 0;
          if (Date.now() - row.began < 5000) part = Math.min(part * 2, LARGEST);
          upload.options.chunkSize = part;
        },
        onError: (error) => failed(row, error),
        onSuccess: ({ lastResponse }) => check(row, lastResponse),
      });
      row.turn += 1;
      const { turn } = row;
      const before = await upload.findPreviousUploads();
      if (row.turn !== turn || row.state !== 'sending') return;
      before.sort((one, other) => new Date(other.creationTime) - new Date(one.creationTime));
      if (before.length) upload.resumeFromPreviousUpload(before[0]);
      row.upload = upload;
    }
    start(row);
  };

  // All of it is there: it must be what was sent.
  const check = async (row, answer) => {
    row.sent = row.file.size;
    show(row, 'checking');
    pump();
    const theirs = (/sha-256=:([^:]+):/.exec(answer.getHeader('Repr-Digest')) || [])[1];
    let ours;
    try {
      ours = await hash({ what: 'whole', key: row.key, file: row.file });
    } catch {
      show(row, 'failed', say('unreadable'));
      return;
    }
    hash({ what: 'forget', key: row.key }).catch(() => {});
    if (theirs === ours) {
      kept.sent[row.print] = row.upload.url.split('/').pop();
      save();
      row.upload = null;
      row.note = '';
      show(row, 'received');
    } else {
      row.bent += 1;
      tus.Upload.terminate(row.upload.url).catch(() => {});
      row.upload = null;
      row.sent = 0;
      row.note = say('anew');
      if (row.bent < 3) show(row, 'waiting');
      else show(row, 'failed', say('bent'));
    }
    pump();
  };

  // A few at a time.
  const pump = () => {
    if (!resting && !halted) {
      const free = AT_ONCE - of('sending', 'retrying').length;
      for (const row of of('waiting').slice(0, Math.max(free, 0))) begin(row);
    }
    tell();
  };

  // The whole, told to the eye often and to the ear seldom.
  const samples = [];
  let spoken = 0;
  const aloud = (text) => {
    find('.aloud').textContent = text;
  };
  let due = 0;
  const tell = () => {
    due = due || setTimeout(draw, 150);
  };
  const draw = () => {
    due = 0;
    const counted = [...rows].filter((row) => row.state !== 'refused');
    const done = of('received').length;
    const all = counted.reduce((sum, row) => sum + row.file.size, 0);
    const sent = counted.reduce((sum, row) => sum + row.sent, 0);
    const active = of('sending', 'retrying', 'checking').length;
    const busy = active > 0 || (of('waiting').length > 0 && !resting && !halted);
    const whole = counted.length > 0 && done === counted.length;

    const now = Date.now();
    samples.push([now, sent]);
    while (samples.length > 2 && now - samples[0][0] > 20000) samples.shift();
    const [[since, from]] = samples;
    const rate = now - since > 2000 ? (sent - from) / ((now - since) / 1000) : 0;
    const told = { done: number(done), all: number(counted.length), sent: size(sent), size: size(all) };
    const parts = [say('progress', told)];
    if (resting) parts.push(say('resting'));
    else if (busy && of('retrying').length === active && active) parts.push(say('offline'));
    else if (busy && rate > 0) parts.push(left((all - sent) / rate));
    find('.sum').hidden = find('.whole-bar').hidden = rows.size === 0;
    find('.whole-bar').value = all ? sent / all : 0;
    const lost = of('failed').length;
    const ended =
      lost > 0 && !busy && !resting ? say('lacking', { ...told, n: number(lost) }) : parts.join(', ');
    find('.sum').textContent = whole ? say('whole', told) : ended;
    find('.all').hidden = whole || !(busy || resting);
    find('.all').textContent = say(resting ? 'resume' : 'pause');
    find('.kept').hidden = !Object.keys(kept.sent).length || busy || resting;

    if (whole && spoken !== done) {
      aloud(say('whole', told));
      find('.kept').scrollIntoView({ block: 'nearest' });
    }
    if (busy && done - spoken >= 10) aloud(say('progress', told));
    if (whole || done - spoken >= 10) spoken = done;
    guard(busy);
    if (busy) tell();
  };

  // While something is sent the page asks before it goes, and the screen stays on.
  let lock = null;
  let guarded = false;
  const ask = (event) => {
    event.preventDefault();
    event.returnValue = '';
  };
  const guard = (busy) => {
    if (busy && !guarded) addEventListener('beforeunload', ask);
    if (!busy && guarded) removeEventListener('beforeunload', ask);
    guarded = busy;
    if (busy && !lock && navigator.wakeLock && document.visibilityState === 'visible') {
      lock = navigator.wakeLock.request('screen').catch(() => null);
      lock.then((held) => held && held.addEventListener('release', () => (lock = null)));
    } else if (!busy && lock) {
      lock.then((held) => held && held.release());
      lock = null;
    }
  };

  // A screen that unlocks, a network that is back: what waits tries at once, and what
  // has not moved since begins again where it stopped.
  const wake = () => {
    if (document.visibilityState !== 'visible') return;
    for (const row of of('retrying')) {
      clearTimeout(row.timer);
      start(row);
    }
    stir(4000);
  };
  const stir = (patience) => {
    for (const row of of('sending')) {
      if (!row.upload || Date.now() - row.heard < patience) continue;
      row.upload.abort();
      start(row);
    }
  };
  document.addEventListener('visibilitychange', wake);
  addEventListener('pageshow', wake);
  addEventListener('online', wake);
  setInterval(() => stir(60000), 15000);

  // What was sent before from here and is still there. (The receipt is the only list.)
  const ask_receipt = async () => {
    if (!Object.keys(kept.sent).length) return;
    try {
      const answer = await fetch(receipt);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const items = new Set(Array.from(page.querySelectorAll('[data-item]'), (row) => row.dataset.item));
      for (const [mark, item] of Object.entries(kept.sent)) if (!items.has(item)) delete kept.sent[mark];
      save();
    } catch {
      // Without a network the list here counts.
    }
  };

  const add = async (files) => {
    if (!files.length) return;
    await Promise.race([ask_receipt(), new Promise((done) => setTimeout(done, 3000))]);
    let again = 0;
    let fresh = 0;
    const place = { files: rows.size - of('refused').length, bytes: 0 };
    for (const row of rows) if (row.state !== 'refused') place.bytes += row.file.size;
    for (const file of files) {
      const mark = print(file);
      const here = [...rows].some((row) => row.print === mark && row.state !== 'refused');
      if (here || kept.sent[mark]) {
        again += 1;
        continue;
      }
      const element = find('template.row').content.firstElementChild.cloneNode(true);
      const row = {
        file,
        element,
        print: mark,
        key: (keys += 1),
        sent: 0,
        turn: 0,
        tries: 0,
        bent: 0,
        note: '',
        timer: 0,
        heard: 0,
        upload: null,
      };
      find('.name', element).textContent = file.name;
      find('.kind', element).textContent = ending(file).toUpperCase();
      find('progress', element).max = file.size || 1;
      find('progress', element).setAttribute('aria-label', file.name);
      for (const [part, word] of [
        ['.rest', 'pause_one'],
        ['.drop', 'remove_one'],
      ])
        find(part, element).setAttribute('aria-label', say(word, { name: file.name }));
      element.addEventListener('click', (event) => press(row, event.target.closest('button')));
      const why = refusal(file, place);
      if (!why) {
        place.files += 1;
        place.bytes += file.size;
        fresh += 1;
      }
      rows.add(row);
      list.append(element);
      show(row, why ? 'refused' : 'waiting', why);
      picture(row);
    }
    const left_out = again ? say(again === 1 ? 'again_before' : 'again_many', { n: number(again) }) : '';
    const added = fresh ? say(fresh === 1 ? 'added_one' : 'added', { n: number(fresh) }) : '';
    find('.again').textContent = left_out;
    find('.unfinished').hidden = true;
    const first = sending.hidden;
    sending.hidden = rows.size === 0 && !again;
    if (first) sending.scrollIntoView({ block: 'start' });
    aloud(`${added} ${left_out}`.trim());
    pump();
  };

  const press = (row, button) => {
    if (!button) return;
    if (button.matches('.rest')) {
      stop(row);
      show(row, 'paused');
      find('.go', row.element).focus();
    } else if (button.matches('.go')) {
      row.tries = row.bent = 0;
      show(row, 'waiting');
      find('.rest', row.element).focus();
    } else if (button.matches('.drop')) {
      const next = row.element.nextElementSibling || row.element.previousElementSibling;
      clearTimeout(row.timer);
      if (row.upload) row.upload.abort(true).catch(() => {});
      hash({ what: 'forget', key: row.key }).catch(() => {});
      rows.delete(row);
      row.element.remove();
      const focus = next && find('button:not([hidden])', next);
      (focus || find('#files')).focus();
    }
    pump();
  };

  find('.all').addEventListener('click', () => {
    resting = !resting;
    if (resting)
      for (const row of of('sending', 'retrying')) {
        stop(row);
        show(row, 'waiting');
      }
    aloud(say(resting ? 'resting' : 'going_on'));
    pump();
  });
  find('.halted button').addEventListener('click', () => {
    halted = '';
    find('.halted').hidden = true;
    find('.all').focus();
    pump();
  });

  // Picked, dropped anywhere, or pasted.
  form.noValidate = true;
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const input of form.querySelectorAll('input[type=file]')) {
    input.hidden = false;
    input.addEventListener('change', () => {
      const files = [...input.files];
      input.value = '';
      add(files);
    });
  }
  const has_files = (event) => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
  addEventListener('dragover', (event) => {
    if (!has_files(event)) return;
    event.preventDefault();
    document.body.classList.add('over');
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.classList.remove('over');
  });
  addEventListener('drop', async (event) => {
    document.body.classList.remove('over');
    if (!has_files(event)) return;
    event.preventDefault();
    const plain = [...event.dataTransfer.files];
    const entries = [...event.dataTransfer.items].map(
      (item) => item.webkitGetAsEntry && item.webkitGetAsEntry(),
    );
    if (entries.some((entry) => entry && entry.isDirectory))
      add((await Promise.all(entries.filter(Boolean).map(within))).flat());
    else add(plain);
  });
  addEventListener('paste', (event) => {
    if (event.clipboardData && event.clipboardData.files.length) add([...event.clipboardData.files]);
  });

  // The receipt: to open, to copy, to save.
  find('.kept a.open').href = receipt;
  find('.kept a.save').href = `${receipt}/receipt.txt`;
  const address = find('.kept input');
  address.value = `${location.origin}${receipt}`;
  find('.kept .copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(address.value);
    } catch {
      address.select();
      document.execCommand('copy');
    }
    aloud(say('copied'));
    find('.kept .copy').textContent = say('copied');
  });
  ask_receipt().then(tell);

  // What was begun and not finished here: the same files, picked again, go on.
  const patience = 3 * 24 * 3600 * 1000;
  tus.defaultOptions.urlStorage.findAllUploads().then((all) => {
    const open = [];
    for (const upload of all) {
      if (!upload.urlStorageKey.includes(`-${endpoint}::`)) continue;
      if (Date.now() - new Date(upload.creationTime) > patience)
        tus.defaultOptions.urlStorage.removeUpload(upload.urlStorageKey);
      else open.push(upload.metadata.filename);
    }
    const some = open.slice(0, 3).join(', ') + (open.length > 3 ? ' …' : '');
    find('.unfinished').textContent = say(open.length === 1 ? 'unfinished_one' : 'unfinished', {
      n: number(open.length),
      names: some,
    });
    find('.unfinished').hidden = !open.length || rows.size > 0;
  });
})();
