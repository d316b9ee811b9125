// From a picture's pixels to what the network reads, sample for sample as Sconce does it: antialiased bilinear in two passes of
// 22-bit fixed point, each rounded to 8 bits, then (value / 255 - mean) / deviation in float32.

const bits = 22;

/** Makes planes of pictures of any size; buffers and weights are kept from one picture to the next of its size. */
export class Preparation {
  #side; #tables; #planes; #across = null; #down = null; #narrow = new Uint8ClampedArray(0);

  /** `side` is the square's in pixels; `means` and `deviations` of [0, 1], one a colour. */
  constructor(side, means, deviations) {
    this.#side = side;
    this.#planes = new Float32Array(3 * side * side);
    this.#tables = means.map((mean, colour) => Float32Array.from({ length: 256 }, (_, value) =>
      Math.fround(Math.fround(Math.fround(value / 255) - Math.fround(mean)) / Math.fround(deviations[colour]))));
  }

  /** RGBA of (height, width, 4) to the planes (3, side, side), which the next call writes over; alpha is not looked at. */
  planes(rgba, width, height) {
    const side = this.#side;
    if (this.#across?.inputs !== width) this.#across = weightsOf(width, side);
    if (this.#down?.inputs !== height) this.#down = weightsOf(height, side);
    if (this.#narrow.length < 3 * side * height) this.#narrow = new Uint8ClampedArray(3 * side * height);
    narrowed(rgba, width, height, side, this.#across, this.#narrow);
    flattened(this.#narrow, side, this.#down, this.#tables, this.#planes);
    return this.#planes;
  }
}

function narrowed(rgba, width, height, side, { first, count, weights, stride }, target) {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      let red = 1 << (bits - 1), green = red, blue = red, from = 4 * (y * width + first[x]);
      for (let k = x * stride, end = k + count[x]; k < end; k++, from += 4) {
        const weight = weights[k];
        red += rgba[from] * weight;
        green += rgba[from + 1] * weight;
        blue += rgba[from + 2] * weight;
      }
      target[at] = red >> bits;
      target[at + 1] = green >> bits;
      target[at + 2] = blue >> bits;
    }
  }
}

function flattened(narrow, side, { first, count, weights, stride }, tables, planes) {
  const row = 3 * side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < row; x++) {
      let sum = 1 << (bits - 1), from = first[y] * row + x;
      for (let k = y * stride, end = k + count[y]; k < end; k++, from += row) sum += narrow[from] * weights[k];
      const colour = x % 3;
      planes[(colour * side + y) * side + (x - colour) / 3] = tables[colour][sum >> bits];
    }
  }
}

/** Of each output: the first input that it reads, how many, and what each counts, in 22 bits behind the point. */
export function weightsOf(inputs, outputs) {
  const scale = inputs / outputs, support = Math.max(scale, 1), stride = 2 * Math.ceil(support) + 1;
  const first = new Int32Array(outputs), count = new Int32Array(outputs), weights = new Int32Array(outputs * stride);
  for (let k = 0; k < outputs; k++) {
    const centre = (k + 0.5) * scale;
    first[k] = Math.max(Math.trunc(centre - support + 0.5), 0);
    count[k] = Math.min(Math.trunc(centre + support + 0.5), inputs) - first[k];
    const exact = Array.from({ length: count[k] },
      (_, tap) => Math.max(0, 1 - Math.abs((tap + first[k] - centre + 0.5) / support)));
    const sum = exact.reduce((all, one) => all + one, 0) || 1;
    exact.forEach((one, tap) => { weights[k * stride + tap] = Math.trunc((one / sum) * (1 << bits) + 0.5); });
  }
  return { inputs, first, count, weights, stride };
}
