/*
 * Opens each call graph at its first box: the picture is larger than its frame, and its corner is
 * empty. Without this the frame is only scrolled further by the reader.
 */
(() => {
  const open = () => {
    for (const frame of document.querySelectorAll(".callpath-picture")) {
      const box = frame.querySelector(".callpath-node rect");
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
