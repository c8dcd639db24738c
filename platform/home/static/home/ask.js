// The classify form: a chosen file is asked about at once, and a click on a sample stays on the page.
const form = document.querySelector('[data-ask]');

if (form) {
  const name = form.querySelector('[data-ask-name]');
  const inputs = [...form.querySelectorAll('[data-ask-file]')];
  const url = form.querySelector('[name=url]');

  for (const input of inputs) {
    input.addEventListener('change', () => {
      if (!input.files.length) return;
      // The server takes one photo: the other input and the link must not travel with it.
      for (const other of inputs) if (other !== input) other.value = '';
      url.value = '';
      name.textContent = `Looking at ${input.files[0].name} …`;
      name.hidden = false;
      form.requestSubmit();
    });
  }

  for (const sample of form.querySelectorAll('[data-sample]')) {
    sample.addEventListener('click', (event) => {
      event.preventDefault();
      for (const input of inputs) input.value = '';
      url.value = new URL(sample.dataset.sample, location.href).href;
      for (const other of form.querySelectorAll('[data-sample]')) other.removeAttribute('aria-current');
      sample.setAttribute('aria-current', 'true');
      form.requestSubmit();
    });
  }

  document.body.addEventListener('htmx:afterRequest', (event) => {
    if (event.target !== form) return;
    name.hidden = true;
    if (event.detail.failed) {
      document.querySelector('#answer').textContent = 'No connection. Try again when you have one.';
    }
  });

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-clear]')) return;
    event.preventDefault();
    form.reset();
    for (const sample of form.querySelectorAll('[data-sample]')) sample.removeAttribute('aria-current');
    document.querySelector('#answer').replaceChildren();
  });
}
