// A grand tour of a classifier's answers: the torus method of Asimov 1985 with handles to drag; doi 10.23915/distill.00025.
(() => {
    'use strict';
    const data = JSON.parse(document.getElementById('data').textContent);
    const $ = id => document.getElementById(id);
    const count = data.names.length;
    const most = 12, turn = 2 * Math.PI;

    // ---- linear algebra: a tour is a list of n rows; a point x is shown at x GT, of which two numbers are the screen ----
    const identity = n => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => i === j ? 1 : 0));
    const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
    const product = (a, b) => a.map(row => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
    const transposed = a => a[0].map((_, j) => a.map(row => row[j]));

    // The product of rotations in the planes of all pairs i < j, each angle within one turn.
    const torus = (speeds, time, n) => {
        const rows = identity(n);
        let pair = 0;
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++, pair++) {
            const angle = speeds[pair] * time % turn, c = Math.cos(angle), s = Math.sin(angle);
            for (const row of rows) {
                const x = row[i], y = row[j];
                row[i] = x * c - y * s;
                row[j] = x * s + y * c;
            }
        }
        return rows;
    };

    // Gram and Schmidt over the rows, one of them first, which so keeps its direction.
    const orthonormal = (rows, first) => {
        const order = [first, ...rows.keys()].filter((row, k) => k === 0 || row !== first), done = [];
        for (const row of order) {
            for (const other of done) {
                const along = dot(rows[row], rows[other]);
                rows[row] = rows[row].map((value, k) => value - along * rows[other][k]);
            }
            const length = Math.sqrt(dot(rows[row], rows[row]));
            rows[row] = length > 1e-9 ? rows[row].map(value => value / length) : spare(rows, done);
            done.push(row);
        }
        return rows;
    };

    // A direction that no row has yet, where one vanished.
    const spare = (rows, done) => {
        for (let k = 0; k < rows.length; k++) {
            let unit = rows.map((_, j) => j === k ? 1 : 0);
            for (const other of done) {
                const along = dot(unit, rows[other]);
                unit = unit.map((value, j) => value - along * rows[other][j]);
            }
            const length = Math.sqrt(dot(unit, unit));
            if (length > 0.1) return unit.map(value => value / length);
        }
        return rows[0];
    };

    // ---- state ----
    let layer, n, base, speeds, time = 0, epoch = 0, zoom = 1, isTouring = true, isPlaying = false, selected = [], group = null;
    const hidden = new Set();
    const matrix = () => product(base, torus(speeds, time, n));
    // After a hand moved the tour, it goes on from there.
    const setMatrix = rows => { base = product(rows, transposed(torus(speeds, time, n))); };
    // Square roots of primes are irrational to each other, so that every view comes.
    const roots = (() => {
        const primes = [];
        for (let k = 2; primes.length < most * (most - 1) / 2; k++) if (primes.every(prime => k % prime)) primes.push(k);
        return primes.map(prime => 0.1 + 0.5 * (Math.sqrt(prime) % 1));
    })();

    const decoded = text => {
        const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
        return new Int16Array(bytes.buffer);
    };

    // ---- drawing: WebGL, or a plain canvas where there is none ----
    const canvas = $('points'), overlay = $('overlay');
    const colours = data.colours.map(text => [1, 3, 5].map(k => parseInt(text.slice(k, k + 2), 16) / 255));
    const gl = canvas.getContext('webgl', { antialias: true, preserveDrawingBuffer: true });
    const plain = gl ? null : canvas.getContext('2d');
    const program = gl && (() => {
        const shader = (kind, text) => {
            const made = gl.createShader(kind);
            gl.shaderSource(made, text);
            gl.compileShader(made);
            if (!gl.getShaderParameter(made, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(made));
            return made;
        };
        const made = gl.createProgram();
        gl.attachShader(made, shader(gl.VERTEX_SHADER, `
            attribute vec4 a0, a1, a2, b0, b1, b2, colour;
            uniform vec4 x0, x1, x2, y0, y1, y2;
            uniform float share, scale, size;
            varying vec4 shown;
            void main() {
                vec4 p0 = mix(a0, b0, share), p1 = mix(a1, b1, share), p2 = mix(a2, b2, share);
                vec2 place = vec2(dot(p0, x0) + dot(p1, x1) + dot(p2, x2), dot(p0, y0) + dot(p1, y1) + dot(p2, y2));
                gl_Position = vec4(place * scale, 0.0, 1.0);
                if (colour.a == 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
                gl_PointSize = size * (colour.a > 0.95 ? 1.6 : 1.0);
                shown = colour;
            }`));
        gl.attachShader(made, shader(gl.FRAGMENT_SHADER, `
            precision mediump float;
            varying vec4 shown;
            void main() {
                if (length(gl_PointCoord - 0.5) > 0.5) discard;
                gl_FragColor = vec4(shown.rgb, 0.85);
            }`));
        gl.linkProgram(made);
        gl.useProgram(made);
        gl.enable(gl.BLEND);
        gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
        return made;
    })();

    let frames = [], buffers = [];
    const colourBuffer = gl && gl.createBuffer();
    const paint = () => {
        if (!gl) return;
        const values = new Float32Array(count * 4);
        const chosen = new Set(selected);
        for (let k = 0; k < count; k++) {
            const colour = data.labels[k] < 0 ? [0.5, 0.5, 0.5] : colours[data.labels[k] % colours.length];
            values.set([...colour, hidden.has(data.labels[k]) ? 0 : chosen.has(k) ? 1 : 0.9], 4 * k);
        }
        gl.bindBuffer(gl.ARRAY_BUFFER, colourBuffer);
        gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    };

    const choose = index => {
        layer = data.layers[index];
        n = layer.axes.length;
        speeds = roots.slice(0, n * (n - 1) / 2);
        base = identity(n);
        [time, selected, group] = [0, [], null];
        const values = decoded(layer.points), size = count * n;
        frames = data.epochs.map((_, e) => {
            const frame = new Float32Array(count * most);
            for (let k = 0; k < count; k++) for (let j = 0; j < n; j++) frame[k * most + j] = values[e * size + k * n + j] * layer.unit;
            return frame;
        });
        if (gl) {
            buffers.forEach(buffer => gl.deleteBuffer(buffer));
            buffers = frames.map(frame => {
                const buffer = gl.createBuffer();
                gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
                gl.bufferData(gl.ARRAY_BUFFER, frame, gl.STATIC_DRAW);
                return buffer;
            });
        }
        handles();
        paint();
    };

    const between = () => {
        const first = Math.min(Math.floor(epoch), frames.length - 1), second = Math.min(first + 1, frames.length - 1);
        return [first, second, epoch - first];
    };
    const place = (k, rows) => {
        const [first, second, share] = between();
        let x = 0, y = 0;
        for (let j = 0; j < n; j++) {
            const value = frames[first][k * most + j] * (1 - share) + frames[second][k * most + j] * share;
            x += value * rows[j][0];
            y += value * rows[j][1];
        }
        return [x, y];
    };
    const fit = 0.82;    // the unit circle's share of half the stage: labels stand beyond it
    const scale = () => fit * zoom;

    const draw = () => {
        const rows = matrix(), [first, second, share] = between();
        const ratio = devicePixelRatio || 1, side = Math.max(1, Math.round(canvas.clientWidth * ratio));
        if (canvas.width !== side) [canvas.width, canvas.height] = [side, side];
        if (gl) {
            gl.viewport(0, 0, side, side);
            gl.clearColor(0, 0, 0, 0);
            gl.clear(gl.COLOR_BUFFER_BIT);
            const attribute = (name, buffer, offset) => {
                const at = gl.getAttribLocation(program, name);
                gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
                gl.enableVertexAttribArray(at);
                gl.vertexAttribPointer(at, 4, gl.FLOAT, false, name === 'colour' ? 16 : most * 4, offset);
            };
            for (let part = 0; part < 3; part++) {
                attribute('a' + part, buffers[first], part * 16);
                attribute('b' + part, buffers[second], part * 16);
                const column = c => [0, 1, 2, 3].map(k => 4 * part + k < n ? rows[4 * part + k][c] : 0);
                gl.uniform4fv(gl.getUniformLocation(program, 'x' + part), column(0));
                gl.uniform4fv(gl.getUniformLocation(program, 'y' + part), column(1));
            }
            attribute('colour', colourBuffer, 0);
            gl.uniform1f(gl.getUniformLocation(program, 'share'), share);
            gl.uniform1f(gl.getUniformLocation(program, 'scale'), scale());
            gl.uniform1f(gl.getUniformLocation(program, 'size'), 6 * ratio);
            gl.drawArrays(gl.POINTS, 0, count);
        } else {
            plain.clearRect(0, 0, side, side);
            for (let k = 0; k < count; k++) {
                if (hidden.has(data.labels[k])) continue;
                const [x, y] = place(k, rows);
                plain.fillStyle = data.labels[k] < 0 ? '#888' : data.colours[data.labels[k] % colours.length];
                plain.fillRect((1 + x * scale()) * side / 2 - 2, (1 - y * scale()) * side / 2 - 2, 5, 5);
            }
        }
        layHandles(rows);
    };

    // ---- handles, in an SVG whose box is [-1, 1], y upwards ----
    const made = (kind, name, parent = overlay) => {
        const element = document.createElementNS('http://www.w3.org/2000/svg', kind);
        element.setAttribute('class', name);
        parent.appendChild(element);
        return element;
    };
    const set = (element, values) => Object.entries(values).forEach(([key, value]) => element.setAttribute(key, value));
    const side = () => overlay.clientWidth;
    const toPixels = ([x, y]) => [(1 + x * scale()) * side() / 2, (1 - y * scale()) * side() / 2];
    const toPlace = event => {
        const box = overlay.getBoundingClientRect();
        return [(2 * (event.clientX - box.left) / box.width - 1) / scale(), (1 - 2 * (event.clientY - box.top) / box.height) / scale()];
    };
    let axes = [], brush, knob;
    const handles = () => {
        overlay.replaceChildren();
        axes = layer.axes.map((name, k) => {
            const parts = { line: made('line', 'axis'), knob: made('circle', 'handle'), name: made('text', 'name') };
            parts.name.textContent = name;
            set(parts.knob, { r: 8, 'data-axis': k });
            return parts;
        });
        brush = made('rect', 'brush');
        knob = made('circle', 'group');
        set(knob, { r: 9 });
        for (const part of [brush, knob]) part.style.display = 'none';
    };
    const layHandles = rows => {
        const [zeroX, zeroY] = toPixels([0, 0]);
        axes.forEach((parts, k) => {
            const [x, y] = toPixels(rows[k]), far = Math.hypot(x - zeroX, y - zeroY) || 1;
            set(parts.line, { x1: zeroX, y1: zeroY, x2: x, y2: y });
            set(parts.knob, { cx: x, cy: y });
            const anchor = x < zeroX ? 'end' : 'start';
            set(parts.name, { x: x + 14 * (x - zeroX) / far, y: y + 14 * (y - zeroY) / far + 4, 'text-anchor': anchor });
        });
        knob.style.display = selected.length ? '' : 'none';
        if (selected.length) {
            const [x, y] = toPixels(centre(rows).slice(0, 2));
            set(knob, { cx: x, cy: y });
        }
    };

    // The axis points where it is dropped: two of its numbers are the place, and the others keep their direction.
    const dragAxis = (axis, [x, y]) => {
        const rows = matrix(), length = Math.hypot(x, y);
        if (length > 1) [x, y] = [x / length, y / length];
        const rest = rows[axis].slice(2), long = Math.sqrt(dot(rest, rest)), left = Math.sqrt(Math.max(0, 1 - x * x - y * y));
        const first = long > 1e-9 ? rest.map(value => value * left / long) : rest.map((_, k) => k === 0 ? left : 0);
        rows[axis] = [x, y, ...first];
        setMatrix(orthonormal(rows, axis));
    };

    const centre = rows => {
        const [first, second, share] = between();
        const sum = new Array(n).fill(0);
        for (const k of selected) for (let j = 0; j < n; j++) {
            sum[j] += (frames[first][k * most + j] * (1 - share) + frames[second][k * most + j] * share) / selected.length;
        }
        return rows[0].map((_, column) => sum.reduce((total, value, j) => total + value * rows[j][column], 0));
    };

    // The rotation in the plane of a group's centre and of where it is wanted.
    const dragGroup = ([x, y]) => {
        const rows = matrix(), from = centre(rows), to = from.slice(), far = Math.sqrt(dot(from, from));
        const length = Math.hypot(x, y);
        if (far < 1e-9) return;
        // It cannot go farther out than it is from the origin; what does not show keeps its direction.
        const shrink = length > far ? far / length : 1;
        [to[0], to[1]] = [x * shrink, y * shrink];
        const rest = to.slice(2), long = Math.sqrt(dot(rest, rest));
        const left = Math.sqrt(Math.max(0, far * far - to[0] * to[0] - to[1] * to[1]));
        for (let k = 2; k < n; k++) to[k] = long > 1e-9 ? to[k] * left / long : k === 2 ? left : 0;
        const a = from.map(value => value / far), b = to.map(value => value / far), c = dot(a, b);
        const across = b.map((value, k) => value - c * a[k]), s = Math.sqrt(dot(across, across));
        if (s < 1e-9) return;
        const e = across.map(value => value / s);
        const rotation = identity(n).map((row, i) => row.map((value, j) =>
            value + (c - 1) * (a[i] * a[j] + e[i] * e[j]) + s * (a[i] * e[j] - e[i] * a[j])));
        setMatrix(orthonormal(product(rows, rotation), 0));
    };

    let held = null, begun = null, wasTouring = false;
    overlay.addEventListener('pointerdown', event => {
        const axis = event.target.dataset && event.target.dataset.axis;
        held = axis !== undefined ? { axis: Number(axis) } : event.target === knob ? { group: true } : { brush: true };
        begun = toPlace(event);
        wasTouring = isTouring;
        isTouring = false;
        overlay.setPointerCapture(event.pointerId);
        event.preventDefault();
    });
    overlay.addEventListener('pointermove', event => {
        if (!held) return hover(event);
        const now = toPlace(event);
        if (held.axis !== undefined) dragAxis(held.axis, now);
        else if (held.group) dragGroup(now);
        else {
            const [left, top] = toPixels([Math.min(begun[0], now[0]), Math.max(begun[1], now[1])]);
            const [right, bottom] = toPixels([Math.max(begun[0], now[0]), Math.min(begun[1], now[1])]);
            set(brush, { x: left, y: top, width: right - left, height: bottom - top });
            brush.style.display = '';
        }
        draw();
    });
    overlay.addEventListener('pointerup', event => {
        if (!held) return;
        if (held.brush) {
            const now = toPlace(event), rows = matrix();
            const inside = (value, k) => value >= Math.min(begun[k], now[k]) && value <= Math.max(begun[k], now[k]);
            selected = [];
            for (let k = 0; k < count; k++) {
                if (!hidden.has(data.labels[k]) && place(k, rows).every(inside)) selected.push(k);
            }
            brush.style.display = 'none';
            paint();
        }
        // A tour that a hand has set stands still until it is asked to go on.
        setTouring(held.brush && wasTouring);
        held = null;
        draw();
    });
    overlay.addEventListener('wheel', event => {
        zoom = Math.min(20, Math.max(0.2, zoom * Math.exp(-event.deltaY / 500)));
        event.preventDefault();
        draw();
    }, { passive: false });

    // ---- pictures under the pointer ----
    const tip = $('tip'), thumb = tip.querySelector('div');
    const hover = event => {
        const now = toPlace(event), rows = matrix(), near = 12 / (side() / 2 * scale());
        let best = -1, least = near;
        for (let k = 0; k < count; k++) {
            if (hidden.has(data.labels[k])) continue;
            const [x, y] = place(k, rows), far = Math.hypot(x - now[0], y - now[1]);
            if (far < least) [best, least] = [k, far];
        }
        tip.style.display = best < 0 ? 'none' : 'block';
        if (best < 0) return;
        const { columns, cell, url } = data.pictures, large = 96 / cell;
        const step = cell * large, row = Math.floor(best / columns);
        thumb.style.background = `url(${url}) -${best % columns * step}px -${row * step}px / ${columns * step}px auto`;
        tip.querySelector('p').textContent = `${data.names[best]}${data.labels[best] < 0 ? '' : ': ' + data.classes[data.labels[best]]}`;
        tip.style.left = Math.min(event.clientX + 14, innerWidth - 130) + 'px';
        tip.style.top = Math.min(event.clientY + 14, innerHeight - 150) + 'px';
    };
    overlay.addEventListener('pointerleave', () => { tip.style.display = 'none'; });

    // ---- controls ----
    const setTouring = on => { isTouring = on; $('tour').textContent = on ? 'Stop the tour' : 'Tour'; };
    $('tour').onclick = () => setTouring(!isTouring);
    const setEpoch = value => {
        epoch = Math.min(frames.length - 1, Math.max(0, value));
        $('epoch').value = epoch;
        $('now').textContent = data.epochs[Math.round(epoch)];
    };
    $('epoch').max = data.epochs.length - 1;
    $('epoch').oninput = () => { isPlaying = false; setEpoch(Number($('epoch').value)); draw(); };
    $('play').onclick = () => { isPlaying = !isPlaying; if (isPlaying && epoch >= frames.length - 1) setEpoch(0); };
    data.layers.forEach((one, k) => $('layer').add(new Option(one.name, k)));
    $('layer').onchange = () => { choose(Number($('layer').value)); draw(); };
    const keep = (blob, name) => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(blob);
        link.download = name;
        link.click();
    };
    $('save').onclick = () => canvas.toBlob(blob => keep(blob, 'tour.png'));
    let recorder = null; // a film is what is seen from one click to the next
    $('film').disabled = !(window.MediaRecorder && canvas.captureStream);
    $('film').onclick = () => {
        if (recorder) {
            recorder.stop();
            return;
        }
        const parts = [], stream = canvas.captureStream(30);
        recorder = new MediaRecorder(stream, { videoBitsPerSecond: 8e6 });
        recorder.ondataavailable = event => parts.push(event.data);
        recorder.onstop = () => {
            const type = recorder.mimeType;
            stream.getTracks().forEach(track => track.stop());
            recorder = null;
            $('film').textContent = 'Film';
            keep(new Blob(parts, { type }), type.includes('mp4') ? 'tour.mp4' : 'tour.webm');
        };
        recorder.start();
        $('film').textContent = 'Keep the film';
        if (!isTouring && !isPlaying) setTouring(true);
    };
    data.classes.forEach((name, k) => {
        const button = document.createElement('button'), dot = document.createElement('i');
        dot.style.background = data.colours[k % colours.length];
        button.append(dot, name);
        button.onclick = () => {
            button.classList.toggle('off');
            if (!hidden.delete(k)) hidden.add(k);
            paint();
            draw();
        };
        $('legend').append(button);
    });
    if (data.epochs.length < 2) for (const id of ['epoch', 'play']) $(id).disabled = true;

    let last = null;
    const frame = now => {
        const passed = last === null ? 0 : Math.min(0.1, (now - last) / 1000);
        last = now;
        if (isTouring) time += passed * Number($('speed').value);
        if (isPlaying) {
            setEpoch(epoch + passed * 2);
            if (epoch >= frames.length - 1) isPlaying = false;
        }
        if (isTouring || isPlaying) draw();
        requestAnimationFrame(frame);
    };
    choose(0);
    setEpoch(data.epochs.length - 1);
    setTouring(true);
    addEventListener('resize', draw);
    draw();
    requestAnimationFrame(frame);
})();
