// The classify form: a chosen file is seen and asked about at once, and a click on a sample stays on the page.
const form = document.querySelector('[data-ask]');
// What is long, reading and sending the file, waits until the press is seen to have worked.
const PAINT = 30; // milliseconds

if (form) {
  const inputs = [...form.querySelectorAll('[data-ask-file]')];
  const url = form.querySelector('[name=url]');
  const samples = [...form.querySelectorAll('[data-sample]')];
  const answer = document.querySelector('#answer');
  const status = document.querySelector('[data-ask-status]');
  let preview = null; // the address of the chosen file, if the browser can draw it

  // On a phone the answer lies below what was just pressed.
  const reveal = () => {
    const { top } = answer.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) answer.scrollIntoView({ block: 'start' });
  };

  const pend = (name, address) => {
    if (preview) URL.revokeObjectURL(preview);
    preview = null;
    answer.replaceChildren(form.querySelector('[data-ask-pending]').content.cloneNode(true));
    answer.classList.add('is-asked');
    answer.setAttribute('aria-busy', 'true');
    answer.querySelector('[data-file-name]').textContent = status.textContent = `Looking at ${name} …`;
    const image = answer.querySelector('[data-preview]');
    image.addEventListener('load', () => {
      image.hidden = false;
      if (address.startsWith('blob:')) preview = address;
    });
    if (address) setTimeout(() => { image.src = address; }, PAINT);
    reveal();
  };

  for (const input of inputs) {
    input.addEventListener('change', () => {
      if (!input.files.length) return;
      // The server takes one photo: the other input and the link must not travel with it.
      for (const other of inputs) if (other !== input) other.value = '';
      url.value = '';
      for (const other of samples) other.removeAttribute('aria-current');
      pend(input.files[0].name, URL.createObjectURL(input.files[0]));
      setTimeout(() => form.requestSubmit(), PAINT);
    });
  }

  for (const sample of samples) {
    sample.addEventListener('click', (event) => {
      event.preventDefault();
      for (const input of inputs) input.value = '';
      url.value = new URL(sample.dataset.sample, location.href).href;
      for (const other of samples) other.removeAttribute('aria-current');
      sample.setAttribute('aria-current', 'true');
      form.requestSubmit();
    });
  }

  // A link and a sample have no file: they are pending from here on.
  form.addEventListener('htmx:beforeRequest', () => {
    if (answer.getAttribute('aria-busy') === 'true') return;
    const image = form.querySelector('[data-sample][aria-current] img');
    pend('the photo', image?.currentSrc ?? '');
  });

  form.addEventListener('htmx:xhr:progress', (event) => {
    const { lengthComputable, loaded, total } = event.detail;
    const bar = answer.querySelector('progress');
    if (!bar || !lengthComputable) return;
    if (loaded < total) bar.value = loaded / total;
    else bar.removeAttribute('value');
  });

  form.addEventListener('htmx:afterRequest', (event) => {
    answer.removeAttribute('aria-busy');
    if (event.detail.failed) {
      const lost = !event.detail.xhr?.status;
      status.textContent = answer.textContent = lost
        ? 'No connection. Try again when you have one.'
        : 'The photo did not arrive whole. Choose it again, or another one.';
    } else {
      const shown = answer.querySelector('[data-held]');
      if (shown && preview) shown.src = preview;
      status.textContent = answer.querySelector('[data-says]')?.dataset.says ?? '';
    }
    reveal();
    answer.focus({ preventScroll: true });
  });

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-clear]')) return;
    event.preventDefault();
    form.reset();
    for (const sample of samples) sample.removeAttribute('aria-current');
    answer.replaceChildren();
    answer.classList.remove('is-asked');
    status.textContent = '';
    inputs[0].focus();
  });
}
