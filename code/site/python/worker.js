// Python in a worker: CPython for WASI, behind the interface that cells.js knows. Another runtime (Pyodide, say) is
// another file of this kind.
//
//   asked    { start: { parts: [[address, bytes unpacked, place]] , cache } }, then { ask: "run", name, source },
//            { ask: "change", model, changes }; one at a time
//   answers  { progress: { got, all, words } }, { begun: "3.15.0" } once; then for each request { output }… { done: true }
//            or { model, state | outputs } and { done }; { fault: "sentence" } when all is over
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } from "./shim/index.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let python = null;

// ---------------------------------------------------------------- fetching

// A part comes from the browser's store, if it has been here before, and goes there unpacked from what it is sent as.
async function fetchPart({ address, bytes }, cache, tell) {
  const store = cache ? await caches.open(cache).catch(() => null) : null;
  const kept = await store?.match(address);
  let response = kept;
  if (!response) {
    response = await fetch(address);
    if (!response.ok) throw new Error(`The site does not have ${address.split("/").at(-1)} (${response.status}).`);
    const twin = store && response.clone();
    if (twin) store.put(address, twin).catch(() => {}); // no room: it will come again
  }
  const counted = response.body.pipeThrough(new TransformStream({
    transform(chunk, controller) {
      tell(chunk.byteLength);
      controller.enqueue(chunk);
    },
  }));
  const data = new Uint8Array(bytes);
  let place = 0;
  const reader = counted.pipeThrough(new DecompressionStream("gzip")).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    data.set(value, place);
    place += value.byteLength;
  }
  if (place !== bytes) throw new Error(`${address.split("/").at(-1)} has ${place} bytes, not ${bytes}.`);
  return data;
}

// An archive: the length of its index in four bytes, the index { path: [begin, length] }, the files.
function filesOf(data) {
  const length = new DataView(data.buffer).getUint32(0, true);
  const index = JSON.parse(decoder.decode(data.subarray(4, 4 + length)));
  return Object.entries(index).map(([path, [begin, size]]) => [path, data.subarray(4 + length + begin, 4 + length + begin + size)]);
}

function mount(root, files) {
  for (const [path, data] of files) {
    const folders = path.split("/");
    const name = folders.pop();
    let here = root;
    for (const folder of folders) {
      if (!here.contents.has(folder)) here.contents.set(folder, new Directory(new Map()));
      here = here.contents.get(folder);
    }
    const file = new File([], { readonly: true });
    file.data = data; // not copied
    here.contents.set(name, file);
  }
}

// ---------------------------------------------------------------- Python

function lines(take) {
  let rest = "";
  const decode = new TextDecoder();
  return new ConsoleStdout((bytes) => {
    rest += decode.decode(bytes, { stream: true });
    const parts = rest.split("\n");
    rest = parts.pop();
    parts.forEach(take);
  });
}

const lastWords = [];
let site = null;
let later = []; // parts that are fetched when a cell names their packages

async function start({ parts: every, cache }) {
  const parts = every.filter((part) => !part.later);
  later = every.filter((part) => part.later).map((part) => ({ ...part, cache }));
  const all = parts.reduce((sum, { packed }) => sum + packed, 0);
  let got = 0;
  let told = 0;
  const tell = (more) => {
    got += more;
    if (got - told > 2e5 || got >= all) postMessage({ progress: { got: Math.min(got, all), all } });
    told = got - told > 2e5 ? got : told;
  };
  const loaded = {};
  await Promise.all(parts.map(async (part) => {
    loaded[part.role] = await fetchPart(part, cache, tell);
  }));
  postMessage({ progress: { got: all, all, words: "Starting Python" } });
  const module = await WebAssembly.compile(loaded.interpreter);
  delete loaded.interpreter;
  const library = new File([], { readonly: true });
  library.data = loaded.library;
  site = new PreopenDirectory("/site", new Map());
  const matplotlib = new PreopenDirectory("/usr/local/lib/python315.zip/matplotlib/mpl-data", new Map());
  mount(matplotlib.dir, filesOf(loaded.pictures));
  for (const role of ["widgets", "book"]) mount(site.dir, filesOf(loaded[role]));
  const files = [
    new OpenFile(new File([])),
    lines((line) => postMessage(JSON.parse(line))),
    lines((line) => lastWords.push(line) > 20 && lastWords.shift()),
    new PreopenDirectory("/usr/local/lib", new Map([["python315.zip", library]])),
    new PreopenDirectory("/tmp", new Map()),
    site, matplotlib,
  ];
  const wasi = new WASI(["/usr/local/bin/python.wasm"], ["TMPDIR=/tmp", "PYTHONTZPATH=", "HOME=/tmp"], files, { debug: false });
  const preview = {};
  const NOT_THERE = 52;
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from === "wasi_snapshot_preview1") preview[name] = wasi.wasiImport[name] ?? (() => NOT_THERE);
  }
  const instance = await WebAssembly.instantiate(module, { host: { call: () => -1 }, wasi_snapshot_preview1: preview });
  wasi.inst = instance;
  instance.exports._initialize?.();
  python = instance.exports;
  turn("import sys; sys.path[:0] = ['/site']; import page_kernel; page_kernel.begin()");
}

async function fetchLater(source) {
  for (const part of later) {
    if (!part.later.some((name) => new RegExp(`\\b${name}\\b`).test(source))) continue;
    let got = 0;
    const tell = (more) => {
      got += more;
      postMessage({ progress: { got: Math.min(got, part.packed), all: part.packed } });
    };
    mount(site.dir, filesOf(await fetchPart(part, part.cache, tell)));
    later = later.filter((one) => one !== part);
    turn("import importlib; importlib.invalidate_caches()");
  }
}

function turn(source) {
  const bytes = encoder.encode(source);
  const place = python.host_alloc(bytes.length) >>> 0;
  new Uint8Array(python.memory.buffer, place, bytes.length).set(bytes);
  const status = python.turn(place, bytes.length);
  if (status !== 0) throw new Error(`Python ended (${status}). ${lastWords.join("\n")}`);
}

self.onmessage = async ({ data }) => {
  try {
    if (data.start) await start(data.start);
    else {
      await fetchLater(data.source ?? "");
      turn(`__import__("page_kernel").answer(${JSON.stringify(JSON.stringify(data))})`);
    }
  } catch (error) {
    postMessage({ fault: String(error?.message ?? error), words: lastWords.join("\n") });
  }
};
