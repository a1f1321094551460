// An exercise on the page: the reader's lines in a field, a button that checks them, and what was found.
import { Refusal } from "./refusal.js";
import { checkAnswer } from "./exercise_check.js";
import { makeEditPanel } from "./panel.js";
import { decodeText } from "../model/texts.js";

// `place` is the exercise's element: its data lie in a script, the answer in letters that nobody reads by accident.
export function makeExercise(place) {
  const { title, text, answer } = JSON.parse(place.querySelector("script[type='application/json']").textContent);
  const found = JSON.parse(decodeText(answer));
  const verdict = (say, field) => {
    try {
      const { right, sentence } = checkAnswer(found, field.text(), Math.random);
      say(right ? `✓ ${sentence}` : sentence, !right);
      place.classList.toggle("descent-exercise-right", right);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(error.message, true);
      field.mark(error);
    }
  };
  const panel = makeEditPanel({
    title, label: `Your lines: ${title}`, text, choices: [],
    take: () => "When you are done, check it.",
    actions: { Check: ({ field, say }) => verdict(say, field), "Start again": ({ field }) => field.replace(text) },
    closed: () => place.querySelector(".descent-editor .descent-button")?.focus(),
  });
  place.querySelector("pre, .highlight, div[class^='highlight']")?.setAttribute("hidden", "");
  place.querySelector(".descent-exercise-open").hidden = true;
  place.append(panel.node);
  panel.say("Change the lines, then check them.");
  panel.field.focus();
}
