// What a browser must have, asked before anything is loaded.

// A module of one function that gives a vector of 128 bits: i32.const 0, i8x16.splat.
const simd = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11);

const later = 'take Chrome 91, Edge 91, Firefox 114, Safari 16.4, or a later one';

/** The sentence that says what is missing; empty where nothing is. */
export function lacking() {
  if (typeof WebAssembly !== 'object') return `This browser has no WebAssembly, or it is switched off: ${later}.`;
  if (!WebAssembly.validate(simd)) return `This browser has no WebAssembly SIMD, by which the detector computes: ${later}.`;
  if (typeof OffscreenCanvas !== 'function') return `This browser has no OffscreenCanvas, by which pictures are read: ${later}.`;
  return '';
}
