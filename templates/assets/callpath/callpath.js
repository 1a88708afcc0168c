/*
 * Opens each call graph where it starts, at the first box that no arrow leads to: the picture is
 * larger than its frame, and its corner is empty. Without this the reader scrolls there.
 */
(() => {
  const open = () => {
    for (const frame of document.querySelectorAll(".callpath-picture")) {
      const arrows = [...frame.querySelectorAll(".callpath-edge")];
      const reached = new Set(arrows.map((arrow) => arrow.dataset.target));
      const boxes = [...frame.querySelectorAll(".callpath-node")];
      const box = boxes.find((each) => !reached.has(each.dataset.node)) ?? boxes[0];
      if (!box) continue;
      const inner = box.getBoundingClientRect();
      const outer = frame.getBoundingClientRect();
      frame.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
      frame.scrollLeft += inner.left - outer.left - inner.height;
    }
  };
  // Material shows the next page without loading it, and says so here.
  if (window.document$) window.document$.subscribe(open);
  else open();
})();
