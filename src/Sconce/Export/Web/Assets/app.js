// The page: what is shown and pressed. The detector lives in worker.js.
import { drawn, listed } from './drawing.js';
import { lacking } from './needs.js';
import { Camera, clipOf, nextFrame, pictureOf } from './sources.js';

const at = id => document.getElementById(id), root = document.documentElement;
const [status, picker, zone, media, stage] = ['status', 'file', 'drop', 'media', 'stage'].map(at);
const camera = new Camera();
let worker, card, source = null, waiting = null, isDue = false, turn = 0, answers = [];

const missing = lacking();
if (missing) fault(missing); else start();

function start() {
  worker = new Worker('worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => ({ loading, ready, found, refused, broken })[data.kind](data);
  worker.onerror = event => fault(`the detector stopped (${event.message || 'it could not be loaded'}): load the page again`);
  picker.onchange = () => take(picker.files[0]);
  zone.ondragover = event => { event.preventDefault(); zone.classList.add('over'); };
  zone.ondragleave = () => zone.classList.remove('over');
  zone.ondrop = event => { event.preventDefault(); zone.classList.remove('over'); take(event.dataTransfer.files[0], true); };
  document.onpaste = event => take([...event.clipboardData.files][0], true);
  at('webcam').onclick = () => watch();
  at('turn').onclick = () => { camera.turn(); watch(); };
  at('stop').onclick = () => { leave(); say('Stopped.'); at('webcam').focus(); };
  at('threshold').oninput = () => { showThreshold(); if (source?.isStill || source?.element.paused) look(); };
}

function broken({ text }) {
  worker.terminate();    // or what it goes on to say of its progress would stand over the fault
  worker.onmessage = null;
  fault(`The detector cannot be loaded: ${text}`);
}

function loading({ share }) {
  at('progress').value = share;
  say(share < 1 ? 'Loading the detector …' : 'Getting ready …');
}

function ready(data) {
  card = data.card;
  at('classes').textContent = card.classes.length > 4 ? `${card.classes.slice(0, 4).join(', ')} …` : card.classes.join(', ');
  at('threshold').value = card.threshold;
  showThreshold();
  at('progress').hidden = true;
  for (const id of ['file', 'webcam']) at(id).disabled = false;
  root.dataset.state = 'ready';
  say('Ready.');
}

async function take(file, isFromElsewhere = false) {
  if (!file || !card) return;
  if (isFromElsewhere) picker.value = '';
  try {
    const opened = file.type.startsWith('video/') ? await clipOf(file) : await pictureOf(file);
    show(opened, file.name);
  } catch (thrown) {
    leave();
    fault(`${file.name}: ${thrown.message}`);
  }
}

async function watch() {
  leave();
  try {
    show(await camera.open(), 'the webcam');
    for (const id of ['turn', 'stop']) at(id).hidden = false;
  } catch (thrown) {
    fault(`the webcam: ${thrown.message}`);
  }
}

function show(opened, name) {
  leave();
  source = opened;
  answers = [];
  stage.hidden = false;
  media.replaceChildren(source.element);
  drawn(at('boxes'), [], source.width, source.height);
  say(`Looking at ${name} …`);
  look();
}

/** One question at a time: what comes meanwhile is asked about when it has been answered, and frames that pass are left out. */
async function look() {
  turn++;
  if (waiting) { isDue = true; return; }
  waiting = source;
  try {
    const picture = await source.bitmap();
    worker.postMessage({ picture, threshold: Number(at('threshold').value) }, [picture]);
  } catch (thrown) {
    refused({ text: thrown.message });
  }
}

function found({ found: boxes, width, height, took }) {
  if (!settled()) return;
  drawn(at('boxes'), boxes, width, height);
  listed(at('list'), at('rows'), boxes);
  figures(took);
  if (source.isStill) say(boxes.length === 0 ? 'Nothing was found.' : `${boxes.length} found.`);
  else if (answers.length === 1) say('Running.');
  keep(boxes);
  stage.dataset.answers = Number(stage.dataset.answers ?? 0) + 1;
}

function refused({ text }) {
  if (settled()) fault(text);
}

/** Whether the answer is about what is looked at now; asks on. */
function settled() {
  const isCurrent = waiting === source && source !== null;
  waiting = null;
  if (source && (isDue || !isCurrent)) look();
  else if (isCurrent && !source.isStill) {
    const mine = ++turn;
    nextFrame(source.element, () => { if (turn === mine) look(); });
  }
  isDue = false;
  return isCurrent;
}

function leave() {
  turn++;
  source?.close();
  source = null;
  media.replaceChildren();
  stage.hidden = true;
  for (const id of ['turn', 'stop', 'list', 'keep']) at(id).hidden = true;
  at('figures').textContent = '';
}

function figures(took) {
  const now = performance.now();
  answers = [...answers.filter(time => now - time < 2000), now];
  const rate = answers.length > 2 ? (1000 * (answers.length - 1)) / (now - answers[0]) : 0;
  at('figures').textContent = `${card.network}, ${card.side} pixels, ${card.runtime}, one thread: ${took.toFixed(0)} ms`
    + (source.isStill || rate === 0 ? '' : `, ${rate.toFixed(1)} frames a second`);
}

function keep(boxes) {
  const link = at('keep');
  URL.revokeObjectURL(link.href);
  link.hidden = !source.isStill;
  if (link.hidden) return;
  link.href = URL.createObjectURL(new Blob([JSON.stringify({ predictions: boxes }, null, 2)], { type: 'application/json' }));
  link.download = 'boxes.json';
}

function showThreshold() { at('least').textContent = Number(at('threshold').value).toFixed(2); }

function say(words) {
  status.className = '';
  status.textContent = words;
}

function fault(words) {
  status.className = 'fault';
  status.textContent = words;
  if (!card) root.dataset.state = 'fault';
  at('progress').hidden = true;
}
