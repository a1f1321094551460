"""How long does the page's main thread work from a slider's move to the redrawn figure?  make bench-page

One run in Chromium, with the front end of code/descent/figures on an empty page:

- 4 rules × 500 steps in a ravine, and the other kinds of figure: each slider moved 60 times, or 60 keys typed into a
  rule's text, one a frame, with the processor slowed 4× (Chromium's own throttling) and as it is. Work is what the
  browser's trace gives for the main thread between two frames: script, style, layout and paint together.
- Hostile texts (tests/support/hostile.py) put into the editor, unslowed: until the browser has drawn the answer.
- Play: frames a second, unslowed.

Prints a table in Markdown: median and 95th percentile in milliseconds. Words after the program's name choose figures:
page.py "a key" measures those with "a key" in their title, and the hostile texts.
"""

import statistics
import sys

from playwright.sync_api import sync_playwright
from support.browser import CURE, find_chromium
from support.hostile import HOSTILE
from support.mounting import mount_on

from descent import Adam, Curves, GradientDescent, LineFit, Momentum, Nesterov, Parabola, Ravine, Signal, explore
from descent.figures.widget import bundle, stylesheet

MOVES = 60
RULES = [GradientDescent(0.05), Momentum(0.02), Nesterov(0.02), Adam(0.3)]
KINDS = ("both", "m", "v", "none")
FIGURES = {
    "race, 4 rules × 500 steps: learning rate": (explore(Ravine(), RULES, steps=500), "lr"),
    "race, 4 rules × 500 steps: a key in Adam's text": (explore(Ravine(), RULES, steps=500), None),
    "animation, 3 rules × 100 steps: learning rate": (explore(LineFit(), RULES[:3]), "lr"),
    "bowl, 100 steps: learning rate": (
        explore(Ravine(), GradientDescent(0.05), parameters={"condition": (1, 100)}, views=["map", "error"]),
        "lr",
    ),
    "bowl, 100 steps: condition number (contours anew)": (
        explore(Ravine(), GradientDescent(0.05), parameters={"condition": (1, 100)}, views=["map", "error"]),
        "condition",
    ),
    "bias correction, 4 rules × 100 steps: β₂": (
        explore(
            Signal(),
            [Adam(lr=1, bias_correction=kind) for kind in KINDS],
            shared=["beta1", "beta2"],
            views=["m_hat", "v_hat", "step"],
        ),
        "beta2",
    ),
    "late blow-up, 8000 steps: ε": (
        explore(
            Parabola(),
            Adam(0.1),
            start=[1],
            steps=8000,
            sliders={"eps": (1e-12, 0.1)},
            views=[Curves("error", floor=1e-160)],
        ),
        "eps",
    ),
}

# One move in each frame, from the middle of the slider to and fro.
MOVE = """async ([name, moves]) => {
    const slider = document.querySelector(`.descent-rules input[name=${name}]`);
    const middle = Number(slider.value);
    for (let k = 0; k < moves; k++) {
        slider.value = Math.max(0, Math.min(Number(slider.max), middle + 10 - Math.abs(20 - k % 40)));
        performance.mark("move");
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 60)));
    }
}"""

PLAY = """async () => {
    document.querySelector(".descent-play").click();
    let frames = 0;
    const begin = performance.now();
    await new Promise((resolve) => {
        const count = (now) => { frames += 1; if (now - begin < 2000) requestAnimationFrame(count); else resolve(); };
        requestAnimationFrame(count);
    });
    return frames / ((performance.now() - begin) / 1000);
}"""


# One key in each frame: a digit that is written, and taken away again, at the end of Adam's text.
TYPE = """async (moves) => {
    const field = document.querySelector(".cm-content");
    for (let k = 0; k < moves; k++) {
        performance.mark("move");
        document.execCommand(k % 2 ? "delete" : "insertText", false, "5");
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 60)));
    }
}"""


# One text in the place of another: milliseconds until it has been answered and drawn.
REPLACE = """async (text) => {
    document.querySelector(".cm-content").focus();
    document.execCommand("selectAll");
    const given = new DataTransfer();
    given.setData("text/plain", text);
    const begin = performance.now();
    const paste = new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true });
    document.querySelector(".cm-content").dispatchEvent(paste);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const time = performance.now() - begin;
    return [time, document.querySelector(".descent-editor-fault")?.textContent ?? ""];
}"""


def times_of_hostile_texts(page):
    """Yield (name, milliseconds) of each text, the best of three."""
    for name, text in HOSTILE.items():
        times = []
        for _ in range(3):
            page.evaluate(REPLACE, "def update(self, theta, g):\n    theta -= g\n")
            took, sentence = page.evaluate(REPLACE, text)
            if not sentence:
                sys.exit(f"{name}: the editor did not refuse it.")
            times.append(took)
        yield name, min(times)


def open_editor(page):
    """Open the editor of the fourth rule, Adam, with a last line whose number can grow."""
    script = bundle("edit/edit.js").replace("export default", "window.descentEditor =")
    page.evaluate(
        "(script) => { const node = document.createElement('script'); node.type = 'module';"
        " node.textContent = script; document.head.append(node); window.descentEditorAddress = 'here'; }",
        script,
    )
    page.wait_for_function("() => window.descentEditor")
    page.click('[data-target="rule 4"]')
    page.wait_for_selector(".cm-content")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("    theta -= 1e-9 * 1")
    page.wait_for_timeout(500)


def work_of_moves(page, cdp, name):
    """Milliseconds of the main thread's own clock after each move, by the browser's trace: no other program counts."""
    events = []
    cdp.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    done = []
    cdp.on("Tracing.tracingComplete", lambda _: done.append(True))
    cdp.send(
        "Tracing.start",
        {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": ["toplevel", "blink.user_timing"]}},
    )
    page.evaluate(TYPE, MOVES) if name is None else page.evaluate(MOVE, [name, MOVES])
    cdp.send("Tracing.end")
    while not done:
        page.wait_for_timeout(50)
    marks = [event for event in events if event["name"] == "move" and event.get("ph") in ("R", "I", "n", "b")]
    thread = (marks[0]["pid"], marks[0]["tid"])
    starts = sorted(event["ts"] for event in marks)
    tasks = [
        event
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask"
        and (event["pid"], event["tid"]) == thread
        and "tdur" in event
    ]
    # The timer between two moves is ours, and does nothing; the task in which a mark lies is the move's first.
    edges = [*starts, starts[-1] + 60_000 * 4]
    return [
        sum(task["tdur"] for task in tasks if low <= task["ts"] + task["dur"] and task["ts"] < high - 1000) / 1000
        for low, high in zip(edges, edges[1:])
    ][1:]


def main():
    program = find_chromium() or sys.exit(CURE)
    front, style = bundle(), stylesheet()
    print("| figure and slider | slowed | median ms | 95th ms |\n|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        chosen = {title: case for title, case in FIGURES.items() if all(word in title for word in sys.argv[1:])}
        for title, (figure, slider) in chosen.items():
            for slowed in (4, 1):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto("about:blank")
                cdp = page.context.new_cdp_session(page)
                mount_on(page, figure)
                page.wait_for_timeout(500)
                if slider is None:
                    open_editor(page)
                cdp.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
                work = sorted(work_of_moves(page, cdp, slider))
                print(
                    f"| {title} | {slowed}× | {statistics.median(work):.1f} | {work[int(0.95 * len(work))]:.1f} |",
                    flush=True,
                )
                if slider is None and slowed == 1:
                    times = dict(times_of_hostile_texts(page))
                    slowest = max(times, key=times.get)
                    print(f"\nHostile texts: answered after at most {times[slowest]:.0f} ms ({slowest}).\n")
                page.close()
        page = browser.new_page()
        figure = FIGURES["race, 4 rules × 500 steps: learning rate"][0]
        mount_on(page, figure)
        page.wait_for_timeout(500)
        print(f"\nPlay: {page.evaluate(PLAY):.0f} frames a second.")
        browser.close()
    print(
        f"\nFront end: {len(front.encode()) / 1000:.0f} kB of script, "
        f"{len(style.encode()) / 1000:.0f} kB of style sheet."
    )


if __name__ == "__main__":
    main()
