// A stand-in for Python in the page: it understands a few words, at once, so that the buttons can be tested for real.
// It speaks as code/site/python/worker.js does.
const known = new Set();
const output = (content) => postMessage({ output: content });
const print = (text) => output({ output_type: "stream", name: "stdout", text });

onmessage = ({ data }) => {
  if (data.start) {
    const all = 2_000_000;
    for (const part of [0.3, 0.6, 1]) postMessage({ progress: { got: part * all, all } });
    if (data.start.parts.length === 0) postMessage({ fault: "nothing to start from" });
    else postMessage({ begun: "0.0" });
    return;
  }
  if (data.ask !== "run") return postMessage({ done: true });
  let done = true;
  for (const line of data.source.split("\n")) {
    const [, word, rest] = line.match(/^#(\w+) ?(.*)$/) ?? [];
    if (word === "print") print(`${rest}\n`);
    if (word === "define") known.add(rest);
    if (word === "forever") for (;;);
    if (word === "end") return postMessage({ fault: "unreachable" });
    if (word === "html") output({ output_type: "execute_result", data: { "text/html": rest, "text/plain": "?" }, metadata: {} });
    if (word === "markdown") output({ output_type: "execute_result", data: { "text/markdown": rest.replaceAll("\\n", "\n") }, metadata: {} });
    if (word === "use" && !known.has(rest)) {
      const traceback = ["Traceback (most recent call last):", `  File "${data.name}", line 1`, `NameError: name '${rest}' is not defined`];
      output({ output_type: "error", ename: "NameError", evalue: rest, traceback });
      done = false;
    }
  }
  print(`ran ${data.name}\n`);
  postMessage({ done });
};
