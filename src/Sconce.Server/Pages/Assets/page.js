// What every page needs: elements, and requests with the key that the server may ask for.

/** Makes an element: el('p', { class: 'soft' }, 'words', child). Attributes that begin with "on" are listeners. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child != null));
  return made;
}

/** Puts a page's content in place, and the reader at its beginning. */
export function show(title, ...children) {
  document.title = title ? `${title} – Sconce` : 'Sconce';
  const main = document.querySelector('#main');
  main.replaceChildren(...children);
  main.focus({ preventScroll: true });
}

const kept = 'sconce-key';

/** A request; where the server asks for a key, the person is asked, once for this tab. */
export async function ask(path, options = {}) {
  for (;;) {
    const headers = new Headers(options.headers);
    const key = sessionStorage.getItem(kept);
    if (key) headers.set('Authorization', `Bearer ${key}`);
    const answer = await fetch(path, { ...options, headers });
    if (answer.status !== 401) return answer;
    sessionStorage.removeItem(kept);
    const given = await askKey();
    if (!given) return answer;
    sessionStorage.setItem(kept, given);
  }
}

/** A request whose answer is JSON; a fault is thrown in the server's words. */
export async function askJson(path, options = {}) {
  const answer = await ask(path, options);
  const json = await answer.json().catch(() => ({ error: `the server answered ${answer.status} and no JSON` }));
  if (!answer.ok) throw new Error(json.error ?? `the server answered ${answer.status}`);
  return json;
}

function askKey() {
  return new Promise(resolve => {
    const input = el('input', { type: 'password', id: 'key', autocomplete: 'current-password', required: true });
    const dialog = el('dialog', { 'aria-labelledby': 'key-title' },
      el('form', { method: 'dialog' },
        el('h2', { id: 'key-title' }, 'This server asks for a key'),
        el('div', { class: 'field' }, el('label', { for: 'key' }, 'Key'), input),
        el('button', { class: 'main' }, 'Go on')));
    dialog.addEventListener('close', () => { dialog.remove(); resolve(input.value); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
