// What waits for a person: a picture, what was answered, and a decision by key or by button.
import { ask, askJson, el, show } from './page.js';

export async function reviewPage() {
  const { count, items } = await askJson('/review/items');
  const known = [...new Set(items.flatMap(one => (one.answer.predictions ?? []).map(label => label.label)))];
  if (items.length === 0) {
    show('Review', el('h1', {}, 'Review'), el('p', {}, 'Nothing waits: every answer was sure enough, or is decided.'));
    return;
  }
  const item = items[0];
  const input = el('input', { id: 'label', list: 'known', autocomplete: 'off', required: true, maxlength: 100 });
  const fault = el('p', { class: 'fault', role: 'alert' });
  const picture = item.hasPicture ? await (await ask(`/review/items/${item.id}/picture`)).blob() : null;
  const best = (item.answer.predictions ?? []).slice(0, 5);
  show('Review',
    el('h1', {}, `Review: ${count} ${count === 1 ? 'waits' : 'wait'}`),
    el('p', { class: 'soft' },
      `${item.verb} ${item.name}, ${new Date(item.asked).toLocaleString()}, ${(100 * item.confidence).toFixed(1)} % sure`),
    picture ? el('img', { class: 'made asked', src: URL.createObjectURL(picture), alt: 'The picture that was asked about' })
      : el('pre', {}, JSON.stringify(item.answer, null, 2)),
    el('h2', {}, 'What is it?'),
    el('div', { class: 'row' },
      ...best.map(one =>
      el('button', { type: 'button', onclick: () => decide(one.label) }, `${one.label} (${(100 * one.confidence).toFixed(0)} %)`))),
    el('form', { onsubmit: event => { event.preventDefault(); decide(input.value.trim()); } },
      el('div', { class: 'field' }, el('label', { for: 'label' }, 'Another class'), input,
        el('datalist', { id: 'known' }, ...known.map(name => el('option', { value: name })))),
      el('div', { class: 'row' }, el('button', { class: 'main' }, 'That is it'),
        el('button', { type: 'button', onclick: () => decide(null) }, 'It teaches nothing'))),
    fault);

  async function decide(label) {
    try {
      await askJson(`/review/items/${item.id}`,
        { method: 'POST', body: JSON.stringify({ label }), headers: { 'Content-Type': 'application/json' } });
      await reviewPage();
    } catch (error) {
      fault.textContent = error.message;
    }
  }
}
