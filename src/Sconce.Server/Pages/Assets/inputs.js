// What goes in: a file that is chosen, dropped or pasted, the webcam, a sample; or words.
import { el } from './page.js';

/** An element to choose by, and add(body), which puts the input into a form and gives it back. */
export function inputOf(ability) {
  if (ability.input === 'nothing') return { element: el('span'), add: () => null };
  if (ability.input === 'text') return text();
  return file(ability);
}

function text() {
  const area = el('textarea', { id: 'input', required: true });
  const sample =
    el('button', { type: 'button', onclick: () => { area.value = 'The quick brown fox jumps over the lazy dog.'; } }, 'A sample');
  return {
    element: el('div', { class: 'field' }, el('label', { for: 'input' }, 'Words'), area, el('div', { class: 'row' }, sample)),
    add(body) { body.append('text', area.value); return null; },
  };
}

function file(ability) {
  let chosen = null;
  const picker = el('input', { type: 'file', id: 'input', accept: ability.extensions.join(','), onchange: () => choose(picker.files[0]) });
  const preview = el('div', { class: 'row', 'aria-live': 'polite' });
  const buttons = el('div', { class: 'row' });
  const zone = el('div', { class: 'drop',
    ondragover: event => { event.preventDefault(); zone.classList.add('over'); },
    ondragleave: () => zone.classList.remove('over'),
    ondrop: event => { event.preventDefault(); zone.classList.remove('over'); choose(event.dataTransfer.files[0]); } },
  el('label', { for: 'input' }, `A ${ability.input}: choose, drop or paste it`), picker, buttons);
  document.addEventListener('paste', event => choose([...event.clipboardData.files][0]));
  if (ability.input === 'picture') {
    buttons.append(el('button', { type: 'button', onclick: async () => choose(await samplePicture()) }, 'A sample'));
    if (navigator.mediaDevices) buttons.append(el('button', { type: 'button', onclick: () => webcam(preview, choose) }, 'Webcam'));
  } else if (ability.input === 'table') {
    buttons.append(el('button', { type: 'button', onclick: () => choose(sampleTable()) }, 'A sample'));
  }
  return {
    element: el('div', { class: 'field' }, zone, preview),
    add(body) {
      if (!chosen) throw new Error(`choose a ${ability.input} first`);
      body.append('file', chosen, chosen.name);
      return chosen;
    },
  };

  function choose(given) {
    if (!given) return;
    chosen = given;
    const shown = given.type.startsWith('image/')
      ? el('img', { class: 'made', src: URL.createObjectURL(given), alt: given.name, height: 120 }) : null;
    preview.replaceChildren(...[shown, el('span', {}, `${given.name}, ${Math.ceil(given.size / 1024)} KB`)].filter(Boolean));
  }
}

async function webcam(place, choose) {
  const video = el('video', { autoplay: true, playsinline: true, muted: true, 'aria-label': 'Webcam' });
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch (fault) {
    place.replaceChildren(el('p', { class: 'fault', role: 'alert' }, `the webcam: ${fault.message}`));
    return;
  }
  video.srcObject = stream;
  place.replaceChildren(video, el('button', { type: 'button', onclick: async () => {
    const canvas = el('canvas', { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d').drawImage(video, 0, 0);
    stream.getTracks().forEach(track => track.stop());
    choose(await asFile(canvas, 'webcam.png'));
  } }, 'Take it'));
}

function samplePicture() {
  const canvas = el('canvas', { width: 320, height: 240 }), pen = canvas.getContext('2d');
  const sky = pen.createLinearGradient(0, 0, 0, 240);
  sky.addColorStop(0, '#7fb4ff');
  sky.addColorStop(1, '#f3e2c0');
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 320, 240);
  pen.fillStyle = '#f5b000';
  pen.beginPath();
  pen.arc(230, 70, 36, 0, 7);
  pen.fill();
  pen.fillStyle = '#3d7a3d';
  pen.beginPath();
  pen.ellipse(120, 250, 220, 90, 0, 0, 7);
  pen.fill();
  return asFile(canvas, 'sample.png');
}

function sampleTable() {
  const rows = Array.from({ length: 20 }, (_, k) => `${k},${Math.sin(k / 3).toFixed(3)}`);
  return new File([`x,y\n${rows.join('\n')}\n`], 'sample.csv', { type: 'text/csv' });
}

function asFile(canvas, name) {
  return new Promise(resolve => canvas.toBlob(blob => resolve(new File([blob], name, { type: 'image/png' }))));
}
