// The place under a figure where one text is edited: the field, what is said of it, and its buttons.
import { KEEPS_ITS_KEYS, htmlNode, setText, uniqueId } from "../drawing/elements.js";
import { tooLong } from "./syntax.js";
import { makeCodeField } from "./code_field.js";

// A screen reader hears what the text does once the hands rest.
const QUIET_BEFORE_WORDS = 500;

// `take(text)` draws a text and returns { sentence }, or throws a Refusal. `choices` are texts to begin with, { name, text }.
export function makeEditPanel({ title, label, text, choices, take, actions, closed }) {
  const says = htmlNode("p", { class: "descent-editor-says" });
  const spoken = htmlNode("p", { class: "descent-hidden", role: "status" });
  const place = htmlNode("div", { class: "descent-editor-field" });
  let quiet = 0;

  function say(sentence, isFault = false) {
    setText(says, sentence);
    says.classList.toggle("descent-editor-fault", isFault);
    clearTimeout(quiet);
    quiet = setTimeout(() => setText(spoken, sentence), QUIET_BEFORE_WORDS);
  }

  function changed(next) {
    try {
      say(take(next));
      field.mark(null);
    } catch (error) {
      if (error.name !== "Refusal") throw error;
      say(`${error.message} The figure still shows the last text that was understood.`, true);
      field.mark(error);
    }
  }

  const refused = (length) => say(`${tooLong(length)} What stands here stays.`, true);
  const field = makeCodeField(place, text, label, { changed, left: closed, refused });
  const button = (words, act) => {
    const made = htmlNode("button", { type: "button", class: "descent-button", ...KEEPS_ITS_KEYS }, words);
    made.addEventListener("click", act);
    return made;
  };
  const node = htmlNode("section", { class: "descent-editor", "aria-label": title },
    htmlNode("div", { class: "descent-editor-head" },
      htmlNode("p", { class: "descent-editor-title" }, title), ...(choices.length > 0 ? [makeChooser(choices, (chosen) => field.replace(chosen))] : [])),
    place, says, spoken,
    htmlNode("div", { class: "descent-editor-bar" },
      button("Undo", () => field.undo()), button("Redo", () => field.redo()),
      ...Object.entries(actions).map(([words, act]) => button(words, () => act({ field, say })))));
  return { node, field, say, changed };
}

function makeChooser(choices, choose) {
  const id = uniqueId("begin");
  const select = htmlNode("select", { id, class: "descent-button", ...KEEPS_ITS_KEYS },
    htmlNode("option", { value: "" }, "…"), ...choices.map(({ name }, k) => htmlNode("option", { value: k }, name)));
  select.addEventListener("change", () => {
    if (select.value !== "") choose(choices[select.value].text);
    select.value = "";
  });
  return htmlNode("span", {}, htmlNode("label", { for: id }, "Begin with "), select);
}
