// Wakes the page's exercises: the editor that checks them comes when one is opened (code/site/exercises.py).
(() => {
  "use strict";
  const own = document.currentScript;
  function load() {
    if (window.descentEditor) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(own.dataset.editor, own.src);
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
  }
  for (const place of document.querySelectorAll(".descent-exercise")) {
    const button = place.querySelector(".descent-exercise-open");
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await load();
        window.descentEditor.openExercise(place);
      } catch (error) {
        button.textContent = "The editor could not be loaded. Try again";
        throw error;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
