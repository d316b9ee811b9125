// node run.mjs MODEL.onnx RUNS.json: runs an exported network in ONNX Runtime on each of the runs' inputs, and writes the answers.
// RUNS.json: [{ inputs: [{ name, type, dims, file }], outputs: [{ name, file }] }]; files are raw, little-endian, row-major.
import { readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const arrays = { float32: Float32Array, int64: BigInt64Array, bool: Uint8Array, float64: Float64Array, int32: Int32Array };
const [model, runs] = process.argv.slice(2);
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
const shapes = [];
for (const run of JSON.parse(readFileSync(runs, 'utf8'))) {
  const feeds = {};
  for (const { name, type, dims, file } of run.inputs) {
    const bytes = readFileSync(file);
    const data = new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    feeds[name] = new Tensor(type, data, dims);
  }
  const results = await session.run(feeds);
  for (const { name, file } of run.outputs) {
    const { data } = results[name];
    writeFileSync(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  shapes.push(run.outputs.map(({ name }) => [results[name].type, ...results[name].dims]));
}
console.log(JSON.stringify(shapes));
