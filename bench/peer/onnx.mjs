// node onnx.mjs NETWORK BATCH FOLDER: times ONNX Runtime on an exported network; prints one line of JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { InferenceSession, Tensor } = createRequire(new URL('../../tests/onnx/package.json', import.meta.url))('onnxruntime-node');
const [name, batch, folder] = process.argv.slice(2);

// Float32, row-major: what Sconce's NpyWriter gives.
function read(path) {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  const dims = header.match(/'shape': \(([^)]*)\)/)[1].split(',').filter((part) => part.trim()).map(Number);
  const start = 10 + length;
  return { dims, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.byteLength)) };
}

const threads = Number(process.env.SCONCE_BENCH_THREADS ?? '2');
const session = await InferenceSession.create(join(folder, `${name}.onnx`), { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3 });
const input = read(join(folder, `${name}-${batch}-in.npy`));
const expected = read(join(folder, `${name}-${batch}-out.npy`)).data;
const feeds = { [session.inputNames[0]]: new Tensor('float32', input.data, input.dims) };
const step = async () => (await session.run(feeds))[session.outputNames[0]].data;
await step();
await step();
const times = [];
let sum = 0;
while (times.length < 5 || sum < 3) {
  const begin = process.hrtime.bigint();
  await step();
  times.push(Number(process.hrtime.bigint() - begin) / 1e9);
  sum += times.at(-1);
}
times.sort((a, b) => a - b);
const out = await step();
let worst = 0;
let square = 0;
for (let k = 0; k < out.length; k++) {
  worst = Math.max(worst, Math.abs(out[k] - expected[k]));
  square += expected[k] * expected[k];
}
const peak = Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)[1]);
console.log(JSON.stringify({ seconds: times[times.length >> 1], difference: worst / Math.sqrt(square / out.length), peak_kilobytes: peak }));
