// An answer drawn: boxes over the picture, masks, bars, tables, plots, pictures, clips, pages.
import { el } from './page.js';

const colours = ['#e6194b', '#3cb44b', '#4363d8', '#f58231', '#911eb4', '#008080', '#9a6324', '#808000', '#000075', '#e6beff'];

/** The elements of an answer. `given` is the input's file, or null. */
export async function drawAnswer(answer, given) {
  const drawn = [];
  const picture = given?.type.startsWith('image/') ? await createImageBitmap(given) : null;
  await draw(answer, '');
  drawn.push(el('details', {}, el('summary', {}, 'As JSON'), el('pre', {}, JSON.stringify(answer, shortened, 2))));
  return drawn;

  async function draw(part, name) {
    if (name) drawn.push(el('h2', {}, name));
    if (part.unsure) drawn.push(el('p', { class: 'unsure' }, 'unsure: its best class is less likely than was asked for'));
    if (part.predictions) drawn.push(...predictions(part.predictions, picture));
    if (part.text !== undefined) drawn.push(el('p', {}, part.text));
    if (part.tracks) drawn.push(table(part.tracks.map(({ box, ...rest }) => ({ ...rest, box: box.map(Math.round).join(', ') }))));
    if (part.rows) drawn.push(...rows(part.rows));
    if (part.classes) drawn.push(bars(part.classes.map(one => ({ label: one.name, confidence: one.share }))));
    if (part.values)
      drawn.push(plot([part.values[0]]), el('p', { class: 'soft' }, `${part.values.length} × ${part.values[0]?.length ?? 0} numbers`),
      csv(part.values));
    for (const file of part.files ?? []) drawn.push(await made(file, part.classes ? picture : null));
    for (const [key, value] of Object.entries(part)) {
      const isPart = value && typeof value === 'object' && !Array.isArray(value);
      if (isPart) await draw(value, key);
      else if (typeof value === 'number') drawn.push(el('p', {}, `${key}: ${value}`));
    }
  }
}

function shortened(key, value) {
  return key === 'data' && typeof value === 'string' ? `${value.slice(0, 24)}… (${value.length} letters of base64)` : value;
}

function predictions(found, picture) {
  if (found.length === 0) return [el('p', {}, 'Nothing was found.')];
  const list = bars(found);
  return found[0].box && picture ? [boxes(found, picture), list] : [list];
}

function bars(items) {
  return el('ul', { class: 'bars' }, ...items.map(one => el('li', {},
    el('span', {}, one.label), el('span', {}, `${(100 * one.confidence).toFixed(1)} %`),
    el('meter', { min: 0, max: 1, value: one.confidence, 'aria-label': `${one.label}: ${(100 * one.confidence).toFixed(1)} %` }))));
}

function boxes(found, picture) {
  const canvas =
    el('canvas', { width: picture.width, height: picture.height, role: 'img', 'aria-label': `The picture with ${found.length} boxes` });
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const labels = [...new Set(found.map(one => one.label))], unit = Math.max(2, picture.width / 250);
  pen.lineWidth = unit;
  pen.font = `${7 * unit}px system-ui, sans-serif`;
  for (const { label, box: [left, top, right, bottom] } of found) {
    pen.strokeStyle = pen.fillStyle = colours[labels.indexOf(label) % colours.length];
    pen.strokeRect(left, top, right - left, bottom - top);
    const height = 8 * unit, y = Math.max(0, top - height);
    pen.fillRect(left, y, pen.measureText(label).width + 2 * unit, height);
    pen.fillStyle = '#fff';
    pen.fillText(label, left + unit, y + 6.5 * unit);
  }
  return el('div', { class: 'picture' }, canvas);
}

async function made(file, under) {
  const blob = decoded(file);
  const url = URL.createObjectURL(blob), name = file.name || 'answer', ending = file.type.split('/')[1].split(/[;+]/)[0];
  const shown = file.type.startsWith('video/') ? el('video', { src: url, controls: true, loop: true })
    : file.type.startsWith('audio/') ? el('audio', { src: url, controls: true })
    : file.type.startsWith('text/html') ? el('p', {}, 'A page of its own: keep it, and open it.')
    : under ? await mask(blob, under)
    : el('img', { class: 'made', src: url, alt: name });
  return el('figure', {}, shown, el('figcaption', {}, el('a', { href: url, download: `${name}.${ending}` }, 'Keep it')));
}

function decoded(file) {
  return new Blob([Uint8Array.from(atob(file.data), letter => letter.charCodeAt(0))], { type: file.type });
}

/** Classes by number, tinted over the picture. */
async function mask(blob, under) {
  const classes = await createImageBitmap(blob);
  const canvas =
    el('canvas', { width: classes.width, height: classes.height, role: 'img', 'aria-label': 'The picture with its classes tinted' });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(classes, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let k = 0; k < pixels.data.length; k += 4) {
    const colour = parseInt(colours[pixels.data[k] % colours.length].slice(1), 16);
    pixels.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 115], k);
  }
  const tint = el('canvas', { width: canvas.width, height: canvas.height });
  tint.getContext('2d').putImageData(pixels, 0, 0);
  pen.drawImage(under, 0, 0, canvas.width, canvas.height);
  pen.drawImage(tint, 0, 0);
  return el('div', { class: 'picture' }, canvas);
}

function rows(items) {
  const drawn = [table(items)];
  const numbers = Object.keys(items[0] ?? {}).filter(key => items.length > 2 && items.every(one => typeof one[key] === 'number'));
  if (numbers.length > 0) drawn.push(plot(numbers.slice(0, 4).map(key => items.map(one => one[key]))));
  return drawn;
}

function table(items) {
  if (items.length === 0) return el('p', {}, 'No rows.');
  const columns = Object.keys(items[0]), most = 1000;
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Rows' }, el('table', {},
    el('thead', {}, el('tr', {}, ...columns.map(name => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...items.slice(0, most).map(one => el('tr', {}, ...columns.map(name => el('td', {}, cell(one[name]))))))));
}

function cell(value) {
  return value === null || value === undefined
    ? '' : typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(5) : String(value);
}

function plot(series) {
  const all = series.flat().filter(Number.isFinite), low = Math.min(...all), high = Math.max(...all), span = high - low || 1;
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  made.setAttribute('class', 'plot');
  made.setAttribute('viewBox', '0 0 100 100');
  made.setAttribute('preserveAspectRatio', 'none');
  made.setAttribute('role', 'img');
  made.setAttribute('aria-label', `A curve from ${low.toPrecision(3)} to ${high.toPrecision(3)}`);
  for (const values of series) {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    line.setAttribute('points',
      values.map((value, k) => `${(100 * k) / Math.max(1, values.length - 1)},${97 - (94 * (value - low)) / span}`).join(' '));
    made.append(line);
  }
  return made;
}

function csv(values) {
  const url = URL.createObjectURL(new Blob([values.map(row => row.join(',')).join('\n')], { type: 'text/csv' }));
  return el('p', {}, el('a', { href: url, download: 'values.csv' }, 'Keep them (CSV)'));
}
