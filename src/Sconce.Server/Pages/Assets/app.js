// Which page an address means.
import { askJson, el, show } from './page.js';

const path = decodeURIComponent(location.pathname);
const way = new URLSearchParams(location.search).get('way') ?? '';

try {
  const catalogue = await askJson('/catalogue');
  document.querySelector('#to-review').hidden = !catalogue.review;
  document.querySelector('#to-runs').hidden = !catalogue.runs;
  if (path === '/review') {
    await (await import('./review.js')).reviewPage();
  } else {
    const ability = catalogue.abilities.find(one => one.path === path && one.way === way);
    if (ability) (await import('./ability.js')).abilityPage(ability);
    else if (path === '/') cards(catalogue.abilities);
    else show('Not here', el('h1', {}, 'Nothing is served here'), el('p', {}, el('a', { href: '/' }, 'What is served')));
  }
} catch (fault) {
  show('A fault', el('p', { class: 'fault', role: 'alert' }, fault.message));
}

function cards(abilities) {
  const names = [...new Set(abilities.map(one => one.name))];
  show('', el('h1', {}, 'Served here'), el('ul', { class: 'cards' }, ...names.map(name => el('li', { class: 'card' },
    el('h2', {}, name),
    el('ul', {}, ...abilities.filter(one => one.name === name).map(one => el('li', {},
      el('a', { href: one.path.split('/').map(encodeURIComponent).join('/') + (one.way ? `?way=${encodeURIComponent(one.way)}` : '') },
        one.way ? `${one.verb} (${one.way})` : one.verb),
      el('span', { class: 'soft' }, ` – ${one.purpose}`))))))));
}
