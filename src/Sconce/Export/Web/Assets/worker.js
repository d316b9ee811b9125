// The detector off the page's thread, so that the page stays awake while it loads and looks.
import { Detector } from './detector.js';

let canvas = null, pen = null;

const loading = Detector.load(share => postMessage({ kind: 'loading', share }));
loading.then(detector => postMessage({ kind: 'ready', card: detector.card }),
  fault => postMessage({ kind: 'broken', text: fault.message }));

onmessage = async ({ data: { picture, threshold } }) => {
  try {
    const detector = await loading, { width, height } = picture;
    const began = performance.now();
    const { data } = pixelsOf(picture, width, height);
    const found = await detector.detect(data, width, height, threshold);
    postMessage({ kind: 'found', found, width, height, took: performance.now() - began });
  } catch (fault) {
    postMessage({ kind: 'refused', text: fault.message });
  } finally {
    picture.close();
  }
};

/** On white where it is transparent. One canvas is kept for all frames of a size. */
function pixelsOf(picture, width, height) {
  if (canvas?.width !== width || canvas?.height !== height) {
    canvas = new OffscreenCanvas(width, height);
    pen = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  }
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, height);
  pen.drawImage(picture, 0, 0);
  return pen.getImageData(0, 0, width, height);
}
