// What of its rules decides which elements a figure has; all else it follows as it stands.
export function haveSameShape(some, others) {
  return some.length === others.length && some.every((rule, k) => rule === others[k] || shapeOf(rule) === shapeOf(others[k]));
}

function shapeOf({ label, style, sliders }) {
  return JSON.stringify([label, style, sliders]);
}
