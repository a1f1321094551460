// Plays the steps of a run in time, or in a few still pictures for a reader who asked for less motion.

const SECONDS_A_STEP = 0.06;
const LEAST_SECONDS = 2, MOST_SECONDS = 8;
const JUMPS = 10, SECONDS_A_JUMP = 0.7;

// `show(step)` is called for each new step, `changed(playing)` on start and end.
export function makePlayer(show, changed) {
  let request = 0, timer = 0;

  function stop() {
    if (!request && !timer) return;
    cancelAnimationFrame(request);
    clearTimeout(timer);
    request = timer = 0;
    changed(false);
  }

  function play(from, steps) {
    stop();
    const first = from >= steps ? 0 : from;
    changed(true);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) playInJumps(first, steps);
    else playSmoothly(first, steps);
  }

  function playSmoothly(first, steps) {
    const seconds = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, steps * SECONDS_A_STEP));
    let begin = null, shown = -1;
    const advance = (now) => {
      begin ??= now;
      const step = Math.min(steps, first + Math.floor((now - begin) / 1000 * steps / seconds));
      request = requestAnimationFrame(advance);
      if (step !== shown) show(step);
      shown = step;
      if (step >= steps) stop();
    };
    request = requestAnimationFrame(advance);
  }

  function playInJumps(first, steps) {
    const jump = Math.ceil(steps / JUMPS);
    const advance = (step) => {
      show(step);
      timer = step < steps ? setTimeout(advance, 1000 * SECONDS_A_JUMP, Math.min(steps, step + jump)) : timer;
      if (step >= steps) stop();
    };
    timer = setTimeout(advance, 0, first);
  }

  return { play, stop, playing: () => request !== 0 || timer !== 0 };
}
