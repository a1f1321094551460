// The ground of a map: contour lines of a function of two numbers, the lower the nearer to the paper.
import { contourRings, evenHeights, sampleGrid } from "./contours.js";
import { svgNode } from "./elements.js";
import { ringText } from "./polyline.js";

const LEVELS = 14;
// Of the view's width: the wall around the grid must close the lines out of sight.
const GRID_OVERHANG = 0.02;

// The ground lies on a sheet of its own below the plot: a path that moves leaves it as it is.
export function makeGround(view, samples) {
  // The ground is tinted and each level lightens what lies below it.
  const lines = Array.from({ length: LEVELS }, () => svgNode("path", { class: "descent-contour", "fill-rule": "evenodd" }));
  const node = svgNode("svg", { class: "descent-ground", "aria-hidden": "true" }, ...lines);
  const wider = view.map(([low, high]) => [low - GRID_OVERHANG * (high - low), high + GRID_OVERHANG * (high - low)]);
  const toCoordinate = (place, c) => wider[c][0] + (wider[c][1] - wider[c][0]) * place / (samples - 1);
  let levels = [];

  // Finds the lines of a function anew; `least` is its least value, if that is known. They are drawn by `place`.
  function survey(valueAt, least = Infinity) {
    const heights = evenHeights(sampleGrid(valueAt, wider, samples), least);
    levels = lines.map((_, k) => ringsInCoordinates(heights, (LEVELS - k) / (LEVELS + 1)));
  }

  function ringsInCoordinates(heights, level) {
    return contourRings(heights, samples, level).map((ring) => ring.map((place, index) => toCoordinate(place, index % 2)));
  }

  function place(xScale, yScale) {
    levels.forEach((rings, k) => {
      lines[k].setAttribute("d", rings.map((ring) => ringText(ring, xScale, yScale)).join(""));
    });
  }
  return { node, survey, place };
}
