// One ability: a form from its settings, an input, and the answer.
import { askJson, el, show } from './page.js';
import { inputOf } from './inputs.js';
import { drawAnswer } from './answers.js';

export function abilityPage(ability) {
  const input = inputOf(ability);
  const fields = ability.settings.map(one => field(one, one.name === ability.askedBy));
  const button = el('button', { class: 'main' }, label(ability.verb));
  const result =
    el('section', { 'aria-live': 'polite', 'aria-label': 'Answer' }, el('p', { class: 'soft' }, 'The answer will stand here.'));
  const form = el('form', { onsubmit: event => { event.preventDefault(); submit(); } }, input.element, ...settings(fields), button);
  show(`${ability.verb} ${ability.name}`,
    el('h1', {}, `${label(ability.verb)} · ${ability.name}`),
    el('p', { class: 'soft' }, ability.purpose),
    el('div', { class: 'two' }, form, el('div', {}, result, asked(ability))));

  async function submit() {
    button.disabled = true;
    result.replaceChildren(el('p', { role: 'status' }, 'Asking …'));
    try {
      const body = new FormData();
      for (const one of fields) one.add(body);
      const given = input.add(body);
      const began = performance.now();
      const answer = await askJson(ability.path.split('/').map(encodeURIComponent).join('/'),
        { method: 'POST', body, headers: { Accept: 'application/json' } });
      const drawn = await drawAnswer(answer, given);
      result.replaceChildren(...drawn, el('p', { class: 'soft' }, `${Math.round(performance.now() - began)} ms`));
      result.scrollIntoView({ block: 'nearest' });
    } catch (fault) {
      result.replaceChildren(el('p', { class: 'fault', role: 'alert' }, fault.message));
    } finally {
      button.disabled = false;
    }
  }
}

function label(verb) {
  return verb[0].toUpperCase() + verb.slice(1).replaceAll('-', ' ');
}

function settings(fields) {
  if (fields.length === 0) return [];
  const required = fields.filter(one => one.isRequired), others = fields.filter(one => !one.isRequired);
  // On a small screen they would stand between the input and the button.
  const few = others.length <= 6 && matchMedia('(min-width: 56rem)').matches;
  return [...required.map(one => one.element),
    others.length === 0
      ? el('span') : el('details', { open: few }, el('summary', {}, 'Settings'), el('div', {}, ...others.map(one => one.element)))];
}

/** A setting; the one by which its way is asked is said from the beginning. */
function field(setting, isAsked) {
  const id = `setting-${setting.name}`, described = `${id}-help`;
  const shared = { id, name: setting.name, 'aria-describedby': described, required: setting.isRequired || isAsked };
  const control = setting.isSwitch ? el('input', { ...shared, type: 'checkbox', required: false })
    : setting.choices.length > 0 ? el('select', shared,
      ...[...(setting.isRequired ? [] : ['']), ...setting.choices].map(choice =>
        el('option', { value: choice }, choice || `(${setting.default || 'none'})`)))
    : setting.isFile ? el('input', { ...shared, type: 'file' })
    : el('input', { ...shared, type: 'text', placeholder: setting.default, inputmode: /number/.test(setting.range) ? 'decimal' : 'text' });
  if (setting.isSwitch) control.checked = setting.default === 'true' || setting.default === 'on' || setting.default === 'yes';
  const first = setting.isSwitch && control.checked;
  if (setting.isSwitch && isAsked) control.checked = true;
  return {
    isRequired: setting.isRequired || isAsked,
    element: el('div', { class: 'field' }, el('label', { for: id }, words(setting.name)), control,
      el('small', { id: described }, `${setting.help} (${setting.isSwitch ? 'on or off' : setting.range})`)),
    add(body) {
      if (setting.isSwitch) { if (control.checked !== first) body.append(setting.name, control.checked); }
      else if (setting.isFile) { if (control.files[0]) body.append(setting.name, control.files[0]); }
      else if (control.value !== '') body.append(setting.name, control.value);
    },
  };
}

function words(name) {
  return name[0].toUpperCase() + name.slice(1).replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
}

function asked(ability) {
  const file = ability.input === 'text'
    ? "-d 'words' -H 'Content-Type: text/plain'"
    : ability.input === 'nothing' ? '-X POST' : `--data-binary @FILE${ability.extensions[0] ?? ''}`;
  const word = ability.settings.find(one => one.name === ability.askedBy);
  const said = word ? `?${word.name}=${word.isSwitch ? 'true' : '…'}` : '';
  return el('details', {}, el('summary', {}, 'The same from a terminal'),
    el('pre', {}, `curl ${file} '${location.origin}${ability.path}${said}'`));
}
