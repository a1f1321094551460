// A field for Python, made with CodeMirror: colours, undo, and a mark at the place of a fault.
import { codemirror } from "../../vendor/codemirror.js";
import { LONGEST_TEXT, offerTree } from "./syntax.js";

const { EditorState, EditorView, Decoration, StateEffect, StateField } = codemirror;
const { tags } = codemirror;

const python = codemirror.LRLanguage.define({ name: "python", parser: codemirror.parser });

// Told apart by more than colour: keywords are bold, comments slanted.
const colours = codemirror.HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], class: "descent-code-keyword" },
  { tag: [tags.number, tags.bool, tags.string], class: "descent-code-value" },
  { tag: tags.comment, class: "descent-code-comment" },
  { tag: tags.function(tags.variableName), class: "descent-code-name" },
]);

const markFault = StateEffect.define();
const faultField = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(markFault)) return effect.value;
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// A new line begins under the one before it, four spaces further in after a colon.
const indents = codemirror.indentService.of((context, place) => {
  const before = context.lineAt(place, -1).text;
  return before.match(/^ */)[0].length + (/:\s*$/.test(before) ? 4 : 0);
});

// `changed(text)` is called after each change, `left()` when the reader presses Escape, `refused(length)` when what is put in
// would be too long: then the text stays as it was.
export function makeCodeField(parent, text, label, { changed, left, refused }) {
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      codemirror.history(), codemirror.lineNumbers(), codemirror.bracketMatching(),
      python, codemirror.syntaxHighlighting(colours), codemirror.indentUnit.of("    "), indents, faultField,
      EditorState.tabSize.of(4),
      EditorState.changeFilter.of(({ newDoc, startState }) => {
        const fits = newDoc.length <= Math.max(LONGEST_TEXT, startState.doc.length);
        if (!fits) queueMicrotask(() => refused(newDoc.length));
        return fits;
      }),
      codemirror.keymap.of([
        { key: "Escape", run: () => { left(); return true; } }, ...codemirror.defaultKeymap, ...codemirror.historyKeymap,
      ]),
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", "data-lm-suppress-shortcuts": "true" }),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (!docChanged) return;
        const text = state.doc.toString();
        offerTree(text, codemirror.syntaxTree(state));
        changed(text);
      }),
    ],
  });
  let isMarked = false;
  return {
    text: () => view.state.doc.toString(),
    replace(next) {
      if (next !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    undo: () => codemirror.undo(view),
    redo: () => codemirror.redo(view),
    focus: () => view.focus(),
    // Null takes the mark away.
    mark(fault) {
      if (!fault && !isMarked) return; // a dispatch costs a layout
      isMarked = fault !== null;
      const length = view.state.doc.length;
      const from = Math.min(fault?.from ?? 0, length), to = Math.min(Math.max(fault?.to ?? 0, from + 1), length);
      const marks = fault?.line && to > from ? Decoration.set([Decoration.mark({ class: "descent-code-fault" }).range(from, to)]) : Decoration.none;
      view.dispatch({ effects: markFault.of(marks) });
    },
  };
}
