// What is picked: how it is told in words, what a link does not take, what is in folders
// that are dropped, and how it looks.
(() => {
  'use strict';
  const form = document.querySelector('form.send');
  if (!form) return;

  // Words: `{…}` stands for what is told at the time.
  const words = {};
  for (const word of document.querySelectorAll('.words [data-word]'))
    words[word.dataset.word] = word.textContent;
  const say = (word, told = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => told[name]);
  const language = document.documentElement.lang;
  const number = (value) => value.toLocaleString(language);
  const size = (bytes) => {
    let amount = bytes / 1000;
    let unit = 0;
    for (; amount >= 999.5 && unit < 3; unit += 1) amount /= 1000;
    const digits = amount < 9.95 && unit ? 1 : 0;
    const told = Math.max(amount, unit ? 0 : 1);
    return `${told.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })}\u00a0${['kB', 'MB', 'GB', 'TB'][unit]}`;
  };
  const left = (seconds) => {
    if (seconds < 60) return say('seconds');
    const minutes = Math.round(seconds / 60);
    if (minutes < 2) return say('minute');
    if (minutes < 100) return say('minutes', { n: minutes });
    return say('hours', { n: Math.round(minutes / 60) });
  };

  const ending = (file) => (/\.([a-z0-9]{1,5})$/i.exec(file.name) || ['', ''])[1].toLowerCase();
  // Systems do not know the types of all formats; endings tell the rest.
  const PHOTOS =
    'jpg jpeg png webp gif tif tiff bmp heic heif avif jxl dng cr2 cr3 nef arw raf orf rw2 pef srw'.split(
      ' ',
    );
  const VIDEOS = 'mp4 m4v mov webm mkv avi 3gp'.split(' ');
  const refusal = (file, place) => {
    const isVideo = file.type.startsWith('video/') || VIDEOS.includes(ending(file));
    const isPhoto = /^image\/(?!svg)/.test(file.type) || PHOTOS.includes(ending(file));
    if (!isVideo && !isPhoto) return say('not_photo');
    if (file.size === 0) return say('empty');
    const most = Number(isVideo ? form.dataset.video : form.dataset.photo);
    if (file.size > most) return say('too_large', { most: size(most) });
    if (place.files >= Number(form.dataset.files)) return say('too_many', { n: form.dataset.files });
    if (place.bytes + file.size > Number(form.dataset.bytes))
      return say('too_much', { most: size(Number(form.dataset.bytes)) });
    return '';
  };

  // All files of a folder, and of those in it.
  const within = async (entry) => {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    const reader = entry.createReader();
    const files = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return files;
      for (const one of some) files.push(...(await within(one)));
    }
  };

  // Small pictures, of rows in sight only and one after the other: a phone has no room
  // for hundreds of large ones.
  let painting = Promise.resolve();
  const paint = async (row) => {
    const canvas = row.element.querySelector('canvas');
    try {
      const picture = await createImageBitmap(row.file, { resizeWidth: 112, resizeQuality: 'medium' });
      const side = Math.min(picture.width, picture.height);
      canvas.width = canvas.height = 112;
      canvas
        .getContext('2d')
        .drawImage(
          picture,
          (picture.width - side) / 2,
          (picture.height - side) / 2,
          side,
          side,
          0,
          0,
          112,
          112,
        );
      picture.close();
      canvas.hidden = false;
    } catch {
      // A format that this browser does not show keeps its name.
    }
  };
  const shown = new WeakMap();
  const sight = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        const row = isIntersecting && shown.get(target);
        if (!row) continue;
        sight.unobserve(target);
        if (row.file.type.startsWith('image/')) painting = painting.then(() => paint(row));
      }
    },
    { rootMargin: '50% 0px' },
  );
  const picture = (row) => {
    shown.set(row.element, row);
    sight.observe(row.element);
  };

  Object.assign(uploading, { say, number, size, left, ending, refusal, within, picture });
})();
