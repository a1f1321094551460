// The search page. The index (search-index.js) has one entry a section, glossary term, named equation, theorem or
// figure: [address, page, title, words]. It comes when something is asked for. A section is found if it has every word.
(() => {
  "use strict";
  const MOST = 40;
  const AROUND = 90; // letters of context on each side

  // One spelling for what readers type in many: β₂, β_2, beta2, beta_2; é; ε and epsilon; m̂, m_hat, \hat m;
  // bias-correction and bias correction.
  const GREEK = {
    alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", zeta: "ζ", eta: "η", theta: "θ", kappa: "κ",
    lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", chi: "χ", psi: "ψ",
    omega: "ω",
  };
  const NAMES = new RegExp(`(?<![a-z])(?:var)?(${Object.keys(GREEK).join("|")})(?![a-z])`, "g");
  const plain = (text) =>
    text
      .toLowerCase()
      .normalize("NFKD")
      .replace(/(?<![a-z])([a-zα-ω])\u0302(?![a-z])/g, "$1hat") // a letter alone, not that of a word: not rôle
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/ϵ/g, "ε")
      .replace(/ς/g, "σ")
      .replace(NAMES, (name, key) => GREEK[key])
      .replace(/\\(?:wide)?hat\s*\{?\s*\\?([a-zα-ω])(?![a-z])\s*\}?/g, "$1hat")
      .replace(/(?<![a-z])([a-zα-ω])_hat(?![a-z])|(?<![a-z])([b-zα-ω])[ -]hat(?![a-z])/g, "$1$2hat")
      .replace(/\\/g, "")
      .replace(/(?<=\p{L})[-\u2010\u2011](?=\p{L})/gu, " ")
      .replace(/([α-ω])[_ ]?\{?(\d)\}?/g, "$1$2");
  const words = (query) => plain(query).split(/[^\p{L}\p{N}.+-]+/u).filter(Boolean);

  const list = document.getElementById("search-results");
  const summary = document.getElementById("search-summary");
  const input = document.querySelector(".book-search input");
  if (!list) return;
  const index = new URL(document.currentScript.dataset.index, location.href).href;
  let entries = null;
  let fetched = null;
  const fetchIndex = () => fetched ??= new Promise((onload, onerror) => {
    document.head.append(Object.assign(document.createElement("script"), { src: index, onload, onerror }));
  }).then(() => {
    entries = window.bookIndex.map(([address, page, title, text]) => ({
      address, page, title, text, plainTitle: plain(`${title} ${page}`), plainText: plain(text),
    }));
  });

  function occurrences(text, word) {
    let count = 0;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      const begins = !/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ");
      count += begins ? 1 : 0.2; // inside another word it counts little
    }
    return count;
  }

  function score(entry, asked) {
    let sum = 0;
    const named = entry.page.endsWith(", equation") ? 2 : 12; // an equation's title is its section's
    for (const word of asked) {
      const inTitle = occurrences(plain(entry.title), word);
      const inText = occurrences(entry.plainText, word);
      if (inTitle + inText + occurrences(entry.plainTitle, word) === 0) return 0;
      sum += named * Math.min(inTitle, 1) + Math.min(inText, 8) + 0.1;
    }
    const phrase = asked.join(" ");
    if (asked.length > 1 && entry.plainText.includes(phrase)) sum += 6;
    if (plain(entry.title).trim() === phrase) sum += 20;
    return sum / Math.log(40 + entry.text.length / 20);
  }

  // The text around the first place of a word. Spelling changes lengths, so each word of the text is spelled by itself.
  function context(entry, asked) {
    const pieces = entry.text.split(/(\s+)/);
    const marked = pieces.map((piece) => piece.trim() !== "" && asked.some((word) => plain(piece).includes(word)));
    const first = Math.max(0, marked.indexOf(true));
    let begin = first;
    for (let length = 0; begin > 0 && length < AROUND; begin--) length += pieces[begin - 1].length;
    const line = document.createElement("p");
    if (begin > 0) line.append("… ");
    let length = 0;
    let at = begin;
    for (; at < pieces.length && length < 2 * AROUND; length += pieces[at++].length) {
      if (!marked[at]) line.append(pieces[at]);
      else line.append(Object.assign(document.createElement("mark"), { textContent: pieces[at] }));
    }
    if (at < pieces.length) line.append(" …");
    return line;
  }

  function show(query) {
    const asked = words(query);
    if (asked.length && !entries) {
      summary.textContent = "Searching …";
      fetchIndex().then(
        () => show(input.value),
        () => {
          fetched = null; // what is typed next asks again
          list.replaceChildren();
          summary.textContent = "The search’s index could not be loaded. Type again to try once more.";
        },
      );
      return;
    }
    const found = asked.length
      ? entries
          .map((entry) => ({ entry, worth: score(entry, asked) }))
          .filter(({ worth }) => worth > 0)
          .sort((a, b) => b.worth - a.worth)
      : [];
    const count = found.length;
    summary.textContent = !asked.length
      ? "Type a word, a symbol (β2), or several words."
      : `${count || "No"} place${count === 1 ? "" : "s"}${count > MOST ? `, the first ${MOST} below` : ""}.`;
    list.replaceChildren(
      ...found.slice(0, MOST).map(({ entry }) => {
        const item = document.createElement("li");
        const link = Object.assign(document.createElement("a"), { href: entry.address, textContent: entry.title });
        const page = Object.assign(document.createElement("span"), { className: "book-found", textContent: entry.page });
        item.append(link, page, context(entry, asked));
        return item;
      }),
    );
  }

  const given = new URLSearchParams(location.search).get("q") ?? "";
  input.value = given;
  input.focus();
  input.addEventListener("input", () => show(input.value));
  show(given);
})();
