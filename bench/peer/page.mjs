// Opens an exported page in Chromium on one core, shows it the fake camera, and says what a frame costs; one line of JSON.
// node bench/peer/page.mjs FOLDER, where FOLDER is what 'sconce export RUN --to web --out FOLDER' wrote.
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

const folder = process.argv[2], frames = 40;
const kinds = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm',
};
const server = createServer((request, response) => {
  const path = join(folder, normalize(new URL(request.url, 'http://x').pathname)).replace(/\/$/, '/index.html');
  try {
    response.writeHead(200, { 'content-type': kinds[extname(path)] ?? 'application/octet-stream', 'content-length': statSync(path).size });
    createReadStream(path).pipe(response);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, '127.0.0.1');
await new Promise(resolve => server.once('listening', resolve));

const profile = mkdtempSync(join(tmpdir(), 'sconce-page-'));
const browser = spawn('taskset', ['-c', '0', 'chromium', '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
  '--remote-debugging-port=0', '--no-first-run', '--disable-background-networking', '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
const host = await new Promise(resolve => browser.stderr.on('data', data => {
  const said = /DevTools listening on ws:\/\/([^/]+)/.exec(data);
  if (said) resolve(said[1]);
}));
const [page] = (await (await fetch(`http://${host}/json/list`)).json()).filter(one => one.type === 'page');
const socket = new WebSocket(page.webSocketDebuggerUrl), asked = new Map();
await new Promise(resolve => { socket.onopen = resolve; });
socket.onmessage = ({ data }) => { const { id, result } = JSON.parse(data); asked.get(id)?.(result); asked.delete(id); };
let last = 0;
const send = (method, params = {}) => new Promise(resolve => {
  asked.set(++last, resolve);
  socket.send(JSON.stringify({ id: last, method, params }));
});
const value = async expression => (await send('Runtime.evaluate', { expression, awaitPromise: true, userGesture: true })).result.value;
const until = async expression => { while (!await value(`Boolean(${expression})`)) await new Promise(resolve => setTimeout(resolve, 10)); };

const begun = performance.now();
await send('Page.navigate', { url: `http://127.0.0.1:${server.address().port}/` });
await until(`document.documentElement.dataset.state === 'ready'`);
const ready = performance.now();
await value(`document.getElementById('webcam').click()`);
await until(`Number(document.getElementById('stage').dataset.answers) > 0`);
const first = performance.now();
const times = [];
while (times.length < frames) {
  times.push(await value(`new Promise(resolve => {
    const at = document.getElementById('figures');
    new MutationObserver((_, watch) => { watch.disconnect(); resolve(Number(/: ([0-9]+) ms/.exec(at.textContent)[1])); })
      .observe(at, { childList: true, characterData: true, subtree: true });
  })`));
}
const seconds = (performance.now() - first) / 1000 / frames;
times.sort((a, b) => a - b);
socket.close();
browser.kill();
server.close();
await new Promise(resolve => browser.once('exit', resolve));
rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
console.log(JSON.stringify({
  seconds, ready: (ready - begun) / 1000, first: (first - begun) / 1000, median_ms: times[frames / 2], least_ms: times[0],
  losses: [(first - begun) / 1000],
}));
process.exit(0);
