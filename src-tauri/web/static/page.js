// What the page does beyond its links and forms; nothing here is needed. This first
// part: focus brought back, the password shown.
(() => {
  'use strict';
  // Back from a photo: the photo that was open holds the focus.
  const returned = /^#p-[\w-]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (returned) returned.focus({ preventScroll: true });

  const field = document.querySelector('#password');
  const reveal = document.querySelector('.reveal');
  if (field && reveal) {
    reveal.addEventListener('click', () => {
      const hidden = field.type === 'password';
      field.type = hidden ? 'text' : 'password';
      reveal.setAttribute('aria-pressed', String(hidden));
      field.focus();
    });
    field.form.addEventListener('submit', () => { field.type = 'password'; });
  }
})();
