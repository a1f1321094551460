"""A live figure on a bare page, without a notebook: what the tests of the figure and `make bench-page` share."""

from descent.figures.widget import bundle, stylesheet

# The model is a plain object, in `window.model`, as on the static page.
MOUNT = """async ([script, style, state]) => {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const { default: figure } = await import(address);
    const listeners = {};
    window.model = {
        get: (name) => state[name], save_changes() {}, off() {},
        set(name, value) {
            state[name] = value;
            (listeners[`change:${name}`] ?? []).forEach((listener) => listener());
        },
        on(name, listener) { (listeners[name] ??= []).push(listener); },
    };
    const sheet = document.createElement("style");
    sheet.textContent = style;
    document.body.replaceChildren(sheet);
    figure.render({ model: window.model, el: document.body });
}"""


def state_of(figure):
    """Return the figure's state as plain data: what a notebook stores of it."""
    return figure.state()


def mount_on(page, figure, **more):
    """Draw the widget on a page of Playwright; `more` replaces parts of its state."""
    page.evaluate(MOUNT, [bundle(), stylesheet(), state_of(figure) | more])
