// What is looked at: a picture, a clip, the webcam. Each has an element to show, its size, and gives frames as bitmaps.

const still = { imageOrientation: 'from-image', premultiplyAlpha: 'none', colorSpaceConversion: 'none' };

/** A picture of a file, upright as its EXIF data says. */
export async function pictureOf(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, still);
  } catch {
    throw new Error('this browser cannot read it as a picture; JPEG, PNG and WebP are read by all');
  }
  const element = document.createElement('canvas'), { width, height } = picture;
  Object.assign(element, { width, height });
  element.getContext('2d').drawImage(picture, 0, 0);
  return { element, width, height, isStill: true, bitmap: () => createImageBitmap(picture), close: () => picture.close() };
}

/** A clip of a file, which begins at once, without its sound. */
export async function clipOf(file) {
  const url = URL.createObjectURL(file), video = videoElement(file.name);
  video.controls = true;
  video.src = url;
  await begun(video, 'this browser cannot read it as a clip; MP4 (H.264) and WebM are read by most');
  return moving(video, () => { video.removeAttribute('src'); video.load(); URL.revokeObjectURL(url); });
}

/** The webcam, the other one of a telephone too. */
export class Camera {
  #facing = 'environment';

  turn() { this.#facing = this.#facing === 'user' ? 'environment' : 'user'; }

  async open() {
    if (!navigator.mediaDevices) throw new Error('browsers give it only to pages from https:// or from localhost');
    const wanted = { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: { ideal: this.#facing } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
    const video = videoElement('The webcam');
    video.srcObject = stream;
    const close = () => { for (const track of stream.getTracks()) track.stop(); video.srcObject = null; };
    try {
      await begun(video, 'it gives no pictures');
    } catch (fault) {
      close();
      throw fault;
    }
    return moving(video, close);
  }
}

/** Calls back at the next frame that is shown. */
export function nextFrame(video, callback) {
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(callback);
  else requestAnimationFrame(callback);
}

function videoElement(name) {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true, autoplay: true });
  video.setAttribute('aria-label', name);
  return video;
}

function begun(video, fault) {
  return new Promise((resolve, reject) => {
    video.onloadeddata = () => (video.videoWidth > 0 ? resolve() : reject(new Error(fault)));
    video.onerror = () => reject(new Error(fault));
  });
}

function moving(video, close) {
  video.play().catch(() => {});    // where the browser forbids it, the person presses play
  return {
    element: video, width: video.videoWidth, height: video.videoHeight, isStill: false, bitmap: () => createImageBitmap(video), close,
  };
}
