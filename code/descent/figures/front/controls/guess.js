// A question that is asked before a run plays: which rule will end lowest, or, of one rule, where its loss will end.
import { KEEPS_ITS_KEYS, htmlNode, setText, uniqueId } from "../drawing/elements.js";
import { readableNumber } from "../model/numbers.js";
import { hasDiverged } from "../model/words.js";

// A guess of a loss goes from ten times the loss at the start down to a share of it, in steps of a tenth of a decade.
const DECADES_UP = 1, DECADES_DOWN = 10, PLACES_A_DECADE = 10;

// `guessed(value)` is called with the loss that is guessed, or null.
export function makeGuess(question, rules, guessed) {
  const id = uniqueId("ask");
  const verdict = htmlNode("p", { class: "descent-verdict", role: "status" });
  let guess = null, lossAtStart = 1;
  let judged = null; // how the run ended that was guessed at: another run was not
  const answers = rules.length > 1 ? makeChoice() : makeLoss();
  const node = htmlNode("div", { class: "descent-ask", role: "group", "aria-labelledby": id },
    htmlNode("p", { class: "descent-question", id }, `${question} Guess, then press play.`), answers.node, verdict);

  function makeChoice() {
    const buttons = rules.map(({ label }, k) => {
      const button = htmlNode("button", { type: "button", class: "descent-button", "aria-pressed": "false", ...KEEPS_ITS_KEYS }, label);
      button.addEventListener("click", () => {
        guess = k;
        show();
      });
      return button;
    });
    const show = () => buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === guess)));
    return { node: htmlNode("div", { class: "descent-answers" }, ...buttons), show };
  }

  function makeLoss() {
    const output = htmlNode("output", { class: "descent-value", "aria-live": "off" });
    const most = (DECADES_UP + DECADES_DOWN) * PLACES_A_DECADE;
    const input = htmlNode("input", {
      type: "range", class: "descent-range", min: 0, max: most, step: 1, value: most - DECADES_UP * PLACES_A_DECADE,
      name: "guess", "aria-label": "Your guess of the loss at the end", ...KEEPS_ITS_KEYS,
    });
    input.addEventListener("input", () => {
      guess = lossAtStart * 10 ** (Number(input.value) / PLACES_A_DECADE - DECADES_DOWN);
      show();
      guessed(guess);
    });
    const show = () => {
      const text = guess === null ? "no guess yet" : readableNumber(guess, 2);
      setText(output, text);
      input.setAttribute("aria-valuetext", text);
    };
    return { node: htmlNode("div", { class: "descent-answers" }, htmlNode("div", { class: "descent-scrub" }, input), output), show };
  }

  // Says how it ended, and what was guessed.
  function tell(traces, steps) {
    const ends = traces.map((trace) => (hasDiverged(trace, steps) ? Infinity : trace.losses[steps]));
    if (guess !== null) judged ??= ends.join();
    if (judged !== null && judged !== ends.join()) return setText(verdict, "");
    const best = ends.reduce((least, loss, k) => (loss < ends[least] ? k : least), 0);
    const end = Number.isFinite(ends[best]) ? `ends at a loss of ${readableNumber(ends[best])}` : "diverges";
    if (rules.length === 1) setText(verdict, `${guess === null ? "It" : `You guessed ${readableNumber(guess, 2)}; it`} ${end}.`);
    else setText(verdict, `${guess === null ? "" : guess === best ? "You were right. " : `You said ${rules[guess].label}. `}The lowest, ${rules[best].label}, ${end}.`);
  }

  function begin(loss) {
    [guess, judged, lossAtStart] = [null, null, loss > 0 && Number.isFinite(loss) ? loss : 1];
    answers.show();
    setText(verdict, "");
    guessed(null);
  }
  return { node, begin, tell };
}
