// From the network's maps to boxes: the surest cells that none of their eight neighbours exceeds.

/**
 * `heat` holds chances (classes, rows, columns), `size` and `offset` cells (2, rows, columns): x, then y. The answers' boxes are in
 * pixels of a picture of (width, height), cut to it, surest first, none below `threshold`, `most` at most.
 */
export function boxesOf({ heat, size, offset, classes, rows, columns, stride, most }, threshold, width, height) {
  const cells = rows * columns, found = [];
  for (let place = 0; place < classes * cells; place++) {
    const score = heat[place];
    if (score >= threshold && isPeak(heat, place, rows, columns)) found.push({ place, score });
  }
  found.sort((one, other) => other.score - one.score || one.place - other.place);
  const across = width / (columns * stride), down = height / (rows * stride);
  return found.slice(0, most).map(({ place, score }) => {
    const cell = place % cells;
    const x = (cell % columns) + offset[cell], y = Math.floor(cell / columns) + offset[cells + cell];
    const halfWidth = size[cell] / 2, halfHeight = size[cells + cell] / 2;
    return {
      label: Math.floor(place / cells), score,
      box: [
        within((x - halfWidth) * stride * across, width), within((y - halfHeight) * stride * down, height),
        within((x + halfWidth) * stride * across, width), within((y + halfHeight) * stride * down, height),
      ],
    };
  });
}

function isPeak(heat, place, rows, columns) {
  const x = place % columns, y = Math.floor(place / columns) % rows, score = heat[place];
  for (let row = Math.max(0, y - 1) - y; row <= Math.min(rows - 1, y + 1) - y; row++) {
    for (let column = Math.max(0, x - 1) - x; column <= Math.min(columns - 1, x + 1) - x; column++) {
      if (heat[place + row * columns + column] > score) return false;
    }
  }
  return true;
}

function within(value, most) {
  return Math.min(Math.max(value, 0), most);
}
