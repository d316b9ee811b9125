// The detector by itself, for pages of your own: const detector = await Detector.load(); await detector.detect(rgba, width, height).
import * as ort from './runtime/ort.js';
import { boxesOf } from './peaks.js';
import { Preparation } from './pixels.js';

export class Detector {
  #card; #session; #preparation; #input;

  constructor(card, session) {
    this.#card = card;
    this.#session = session;
    this.#preparation = new Preparation(card.side, card.mean, card.std);
    const planes = this.#preparation.planes(new Uint8ClampedArray(4 * card.side * card.side), card.side, card.side);
    this.#input = new ort.Tensor('float32', planes, [1, 3, card.side, card.side]);
  }

  /** What network.json says: classes, side, threshold … */
  get card() { return this.#card; }

  /** Loads what lies beside this file, and asks once, so that the first answer is as fast as the next. */
  static async load(progress = () => {}) {
    const card = await (await got('network.json')).json();
    const done = [0, 0], all = card.bytes + card.runtimeBytes;
    const told = place => bytes => { done[place] = bytes; progress(Math.min(1, (done[0] + done[1]) / all)); };
    const [network, runtime] = await Promise.all([bytesOf('network.onnx', told(0)), bytesOf('runtime/ort.wasm', told(1))]);
    // One thread needs no special headers of the server, and all that is loaded has been loaded by now.
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.proxy = false;
    ort.env.wasm.wasmBinary = runtime;
    ort.env.logLevel = 'error';
    const session = await ort.InferenceSession.create(network, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    const detector = new Detector(card, session);
    await detector.detect(new Uint8ClampedArray(4 * card.side * card.side), card.side, card.side);
    return detector;
  }

  /** The objects of a picture: RGBA as getImageData gives it, opaque. One call at a time. */
  async detect(rgba, width, height, threshold = this.#card.threshold) {
    const { classes, outputs, stride, most } = this.#card;
    this.#preparation.planes(rgba, width, height);    // the input's own numbers
    const answer = await this.#session.run({ [this.#card.input]: this.#input });
    const [heat, size, offset] = outputs.map(name => answer[name]);
    const [, , rows, columns] = heat.dims;
    const maps = { heat: heat.data, size: size.data, offset: offset.data, classes: classes.length, rows, columns, stride, most };
    const found = boxesOf(maps, threshold, width, height);
    for (const one of [heat, size, offset]) one.dispose();
    return found.map(({ label, score, box }) => ({ label: classes[label], class: label, confidence: score, box }));
  }

  /** Gives its memory back. */
  async close() { await this.#session.release(); }
}

async function got(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name}: the server answers ${answer.status}; the whole folder has to be served`);
  return answer;
}

async function bytesOf(name, progress) {
  const answer = await got(name), parts = [];
  let length = 0;
  for (const reader = answer.body.getReader();;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    progress(length += value.length);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
