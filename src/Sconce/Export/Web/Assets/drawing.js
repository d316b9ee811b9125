// Boxes over what is looked at, and the same as rows.

const colours = ['#e6194b', '#3cb44b', '#4363d8', '#f58231', '#911eb4', '#008080', '#9a6324', '#808000', '#000075', '#b5179e'];

/** Draws boxes onto a canvas of the picture's own pixels, which style.css lays over it. */
export function drawn(canvas, found, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext('2d'), unit = Math.max(1, width / 250);
  pen.clearRect(0, 0, width, height);
  pen.lineWidth = 1.2 * unit;
  pen.font = `${7 * unit}px system-ui, sans-serif`;
  for (const { label, confidence, box: [left, top, right, bottom], ...one } of found) {
    pen.strokeStyle = pen.fillStyle = colours[one.class % colours.length];
    pen.strokeRect(left, top, right - left, bottom - top);
    const words = `${label} ${Math.round(100 * confidence)} %`, tall = 8 * unit, y = Math.max(0, top - tall);
    pen.fillRect(left, y, pen.measureText(words).width + 2 * unit, tall);
    pen.fillStyle = '#fff';
    pen.fillText(words, left + unit, y + 6.3 * unit);
  }
  canvas.setAttribute('aria-label', found.length === 0 ? 'No boxes'
    : `Boxes: ${found.map(({ label, confidence }) => `${label} ${Math.round(100 * confidence)} %`).join(', ')}`);
}

/** The boxes as rows of a table. */
export function listed(region, rows, found) {
  region.hidden = found.length === 0;
  rows.replaceChildren(...found.map(({ label, confidence, box }) => {
    const row = document.createElement('tr');
    for (const words of [label, `${(100 * confidence).toFixed(1)} %`, ...box.map(edge => edge.toFixed(1))]) {
      const cell = document.createElement('td');
      cell.textContent = words;
      row.append(cell);
    }
    return row;
  }));
}
