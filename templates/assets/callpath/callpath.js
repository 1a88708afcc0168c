/*
 * Reading a note: which step is at hand, its graph and its code, keys. Without this script the pages are
 * complete: everything here only follows the reader.
 *
 * What only some readers want comes as scripts; data too, for browsers refuse fetch to pages that are
 * opened as files:
 *   names.js         window.callpathNames  previews, the quick switcher, the table of keys, the large view
 *   symbols.js       window.callpathData   {strings, pages, symbols}, for names.js
 *   code/NOTE/STEP   window.callpathCode   {"NOTE#STEP": HTML}, once a step's code is wanted
 *   versions/NOTE@V  window.callpathThere  {"NOTE@V": {STEP: [HTML, whether there is code]}}, once V is wanted
 */
(() => {
  const assets = new URL(".", document.currentScript.src);
  const root = new URL("../../", assets);
  const wide = matchMedia("(min-width: 76.25em)");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const make = (tag, attributes = {}, ...content) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...content);
    return made;
  };
  const kept = (name, value) => {
    try {
      if (value !== undefined) localStorage[`callpath.${name}`] = value;
      return localStorage[`callpath.${name}`];
    } catch {} // no storage for pages of this origin
  };
  const href = (link) => link.getAttribute("xlink:href") ?? link.getAttribute("href");

  // Material shows a page of the site without loading it, but only for a link that is HTML.
  const visit = (address) => {
    const link = make("a", { href: address, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
  };

  const later = window.requestIdleCallback ?? setTimeout;

  // Material takes each of these for the site in another language, and reads that site's whole map while
  // the page starts. The feed and the notebook are none: it does not see them before it has looked.
  const others = all("link[rel=alternate]:not([hreflang])");
  for (const link of others) link.rel = "";

  const scripts = new Map();
  const load = (address) => {
    if (!scripts.has(address)) {
      scripts.set(
        address,
        new Promise((done, failed) => {
          const script = make("script", { src: address, onload: done });
          script.onerror = () => (scripts.delete(address), failed());
          document.head.append(script);
        }),
      );
    }
    return scripts.get(address);
  };

  // --- names: previews, dialogs; their script comes when the first is wanted ------------------------

  let names;
  const wanted = async (what, event) => {
    await load(new URL("names.js", assets).href);
    names ??= callpathNames({ assets, root, one, make, kept, href, visit, load });
    return names[what](event);
  };
  const consider = (event) => {
    if (names || event.target.closest?.("a, code, .callpath-hit")) wanted("consider", event).catch(() => {});
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && consider(event));
  document.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && consider(event));

  // --- graphs: pan, zoom, arrows ----------------------------------------------------------------------------

  const pictures = new WeakMap();

  // Does something to all of a list, a few a frame: to do it all at once would be a task that is felt.
  const byFrame = (list, count, action) => {
    const rest = [...list];
    const some = () => {
      rest.splice(0, count).forEach(action);
      if (rest.length) frame = requestAnimationFrame(some);
    };
    let frame = requestAnimationFrame(some);
    const stop = () => cancelAnimationFrame(frame);
    return { stop, finish: () => (stop(), rest.splice(0).forEach(action)) };
  };

  // Most boxes are named by the step that they lead to.
  const named = (node) => (node.dataset.node ??= href(node).slice(1));

  class Picture {
    constructor(frame) {
      this.frame = frame;
      this.size = [0, 0]; // pixels, told by the observer: to ask the page would cost a layout
      const waiting = one("noscript", frame);
      if (waiting) waiting.outerHTML = waiting.innerHTML; // text, or elements where Material parsed it
      this.parts = new Map(all("template", frame.parentElement).map((part) => [part.dataset.part, part]));
      this.overview = one("svg", frame);
      this.take(this.overview);
      frame.classList.add("callpath-live");
      frame.removeAttribute("tabindex"); // its boxes are what the keyboard reaches
      const events = "wheel click keydown pointerenter pointerdown pointermove pointerup pointercancel";
      for (const type of events.split(" ")) frame.addEventListener(type, this);
      this.pointers = new Map();
      new ResizeObserver(([{ contentRect }]) => {
        this.size = [contentRect.width, contentRect.height];
        this.fit(!!large());
      }).observe(frame);
    }

    handleEvent(event) {
      this[event.type](event);
    }

    take(svg) {
      this.svg = svg;
      const whole = svg.viewBox.baseVal;
      this.whole = { x: 0, y: 0, w: whole.width, h: whole.height };
      this.boxes = new Map();
      for (const node of all(".callpath-node", svg)) {
        const { e: middle, f: y } = node.transform.baseVal[0].matrix;
        const [w, h] = ["width", "height"].map((side) => one("rect", node)[side].baseVal.value);
        const link = node.matches("a") ? node : null;
        this.boxes.set(named(node), { node, link, x: middle - w / 2, y, w, h, to: [], from: null });
      }
      const order = [...this.boxes.keys()];
      this.edges = all(".callpath-edge", svg);
      for (const { dataset } of this.edges) {
        const [source, target] = dataset.ends.split(" ").map((number) => order[number]);
        Object.assign(dataset, { source, target });
        this.boxes.get(source).to.push(target);
        this.boxes.get(target).from ??= source;
      }
      for (const { to } of this.boxes.values()) to.sort((a, b) => order.indexOf(a) - order.indexOf(b));
      this.home = one(".callpath-current", svg)?.dataset.node ?? this.first();
      this.at(this.home);
      this.fit();
    }

    // One tab stop; the arrows go on from there.
    at(id) {
      this.boxes.get(this.stop)?.link?.setAttribute("tabindex", -1);
      if (this.stop === undefined) for (const { link } of this.boxes.values()) link?.setAttribute("tabindex", -1);
      this.stop = id;
      this.boxes.get(id)?.link?.setAttribute("tabindex", 0);
    }

    // A wide invisible twin of each arrow, for the pointer.
    pointerenter() {
      if (this.svg.dataset.wide) return;
      this.svg.dataset.wide = true;
      for (const edge of this.edges) {
        const twin = edge.cloneNode(true);
        twin.setAttribute("class", "callpath-hit");
        twin.setAttribute("marker-end", "none");
        edge.after(twin);
      }
    }

    look(view) {
      this.view = view;
      this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    }

    // The view of a scale (pixels a point) around a place; not above or below the picture where it is higher.
    around(x, y, scale) {
      const [w, h] = this.size.map((length) => length / scale);
      const most = this.whole.h - h;
      return { x: x - w / 2, y: most > 0 ? Math.min(Math.max(y - h / 2, 0), most) : y - h / 2, w, h };
    }

    // What opens: the step at hand, else the start of the path at a legible size, or all where it fits.
    fit(everything) {
      const [width, height] = this.size;
      if (!width || !height) return;
      const { w, h } = this.whole;
      const scale = Math.min(width / w, height / h, 1.5);
      if (everything || scale > 0.9) return this.look(this.around(w / 2, h / 2, scale));
      this.read(this.current ?? this.home);
    }

    first() {
      for (const [id, box] of this.boxes) if (!box.from) return id;
      return this.boxes.keys().next().value;
    }

    // Frames a box and what it calls; its caller first gives way.
    read(id) {
      const box = this.boxes.get(id);
      const [width, height] = this.size;
      if (!box || !width) return;
      const callees = box.to.map((to) => this.boxes.get(to)).filter(Boolean);
      const caller = this.boxes.get(box.from);
      for (const group of [[box, caller, ...callees], [box, ...callees]]) {
        const some = group.filter(Boolean);
        const [left, top] = [Math.min(...some.map((b) => b.x)), Math.min(...some.map((b) => b.y))];
        const right = Math.max(...some.map((b) => b.x + b.w));
        const bottom = Math.max(...some.map((b) => b.y + b.h));
        const scale = Math.min(1.3, width / (right - left + 24), height / (bottom - top + 24));
        if (scale < 0.8) continue;
        return this.look(this.around((left + right) / 2, (top + bottom) / 2, scale));
      }
      const view = this.around(0, box.y + box.h / 2, 1.1);
      this.look({ ...view, x: (this.current ? box : caller ?? box).x - 16 });
    }

    mark(id) {
      if (this.parts.size && id) this.open(this.holder(id));
      for (const each of this.drawn()) each.classList.remove("callpath-near", "callpath-current");
      this.current = id;
      const box = this.boxes.get(id);
      this.recede(!!box);
      if (!box) return;
      box.node.classList.add("callpath-current");
      for (const near of [id, box.from, ...box.to]) this.boxes.get(near)?.node.classList.add("callpath-near");
      for (const edge of this.edges) {
        if (edge.dataset.source === id || edge.dataset.target === id) edge.classList.add("callpath-near");
      }
      this.at(id);
      this.read(id);
    }

    // With a step at hand all others step back.
    recede(away) {
      if (away === this.away) return;
      this.away = away;
      this.receding?.stop();
      this.receding = byFrame(this.drawn(), 40, (each) => each.classList.toggle("callpath-away", away));
    }

    // All boxes and lines of what is shown.
    drawn() {
      return [...this.boxes.values()].map((box) => box.node).concat(this.edges);
    }

    // The part of a folded graph that has a box in full.
    holder(id) {
      const full = (node) => named(node) === id && !node.matches(".callpath-stub");
      if (all(".callpath-node", this.overview).some(full)) return undefined;
      for (const [name, part] of this.parts) {
        if (all(".callpath-node", part.content).some(full)) return name;
      }
    }

    // Shows a part, or the overview.
    async open(name) {
      if (name === this.shown) return;
      const part = this.parts.get(name);
      if (part?.dataset.src && !part.content.firstElementChild) {
        await load(new URL(part.dataset.src, location).href);
        part.innerHTML = callpathParts[`graph#${name}`];
      }
      this.shown = part && name;
      this.coming?.finish(); // no box of the picture that goes may be lost
      this.receding?.stop();
      const old = this.svg;
      this.stop = undefined;
      this.take(part ? part.content.firstElementChild.cloneNode(true) : this.overview);
      for (const each of this.drawn()) each.classList.toggle("callpath-away", !!this.away);
      const boxes = [...this.boxes.values()].map(({ node }) => [node.parentNode, node]);
      for (const [, node] of boxes) node.remove();
      old.replaceWith(this.svg);
      this.coming = byFrame(boxes, 30, ([parent, node]) => parent.append(node));
      one(".callpath-back", this.frame)?.remove();
      if (part) this.frame.prepend(make("button", { className: "callpath-back", onclick: () => this.open() }, `← ${part.dataset.title}`));
    }

    zoom(factor, x, y) {
      if (!this.view) return;
      const rect = this.frame.getBoundingClientRect();
      const [across, down] = [(x - rect.left) / rect.width || 0.5, (y - rect.top) / rect.height || 0.5];
      const { x: left, y: top, w, h } = this.view;
      const wanted = Math.min(Math.max(w / factor, rect.width / 4), Math.max(this.whole.w * 1.5, rect.width));
      const share = wanted / w;
      this.look({ x: left + w * across * (1 - share), y: top + h * down * (1 - share), w: wanted, h: h * share });
    }

    pan(dx, dy) {
      if (!this.view) return;
      const { x, y, w, h } = this.view;
      const scale = w / this.size[0];
      const limit = (value, size, whole) => Math.min(Math.max(value, -size * 0.6), whole - size * 0.4);
      const view = { x: limit(x + dx * scale, w, this.whole.w), y: limit(y + dy * scale, h, this.whole.h), w, h };
      this.look(view);
      return view.x !== x || view.y !== y;
    }

    wheel(event) {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
      } else {
        const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
        if (this.pan(dx, dy)) event.preventDefault();
      }
    }

    pointerdown(event) {
      this.pointers.set(event.pointerId, event);
      this.moved = 0;
    }

    pointermove(event) {
      const before = this.pointers.get(event.pointerId);
      if (!before) return;
      const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
      if (this.pointers.size === 2) {
        const [other] = [...this.pointers.values()].filter((each) => each.pointerId !== event.pointerId);
        const gap = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
        this.zoom(gap(event) / (gap(before) || 1), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      } else this.pan(-dx, -dy);
      this.pointers.set(event.pointerId, event);
      this.moved += Math.abs(dx) + Math.abs(dy);
      if (this.moved > 4) this.frame.setPointerCapture(event.pointerId);
    }

    pointerup(event) {
      this.pointers.delete(event.pointerId);
    }

    pointercancel(event) {
      this.pointerup(event);
    }

    click(event) {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const target = href(link);
      const { opens } = link.dataset;
      if (this.moved > 4) event.preventDefault();
      else if (opens === "" || this.parts.has(opens)) {
        event.preventDefault();
        this.open(opens || undefined);
      } else if (!/^https?:/.test(target)) {
        event.preventDefault();
        event.stopPropagation();
        large()?.close();
        if (target.startsWith("#")) location.hash = target;
        else visit(new URL(target, location).href);
      }
    }

    keydown(event) {
      const box = this.boxes.get(this.stop);
      const siblings = this.boxes.get(box?.from)?.to ?? [...this.boxes.keys()].filter((id) => !this.boxes.get(id).from);
      const beside = (by) => siblings[siblings.indexOf(this.stop) + by];
      const goal = {
        ArrowLeft: () => box.from,
        ArrowRight: () => box.to[0],
        ArrowUp: () => beside(-1),
        ArrowDown: () => beside(1),
      }[event.key]?.();
      const zoom = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
      if (zoom) this.zoom(zoom);
      else if (event.key === "0") this.fit(true);
      else if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
      event.stopPropagation();
      if (!goal || !this.boxes.has(goal)) return;
      this.at(goal);
      this.boxes.get(goal).link?.focus({ preventScroll: true });
      this.read(goal);
    }
  }

  const picture = (frame) => {
    if (!pictures.has(frame)) pictures.set(frame, new Picture(frame));
    return pictures.get(frame);
  };

  const large = () => one(".callpath-fullscreen");

  // The buttons of a picture, above it or in the pane's own bar.
  const controls = (frame, bar) => {
    if (one("[data-zoom]", bar)) return;
    const [less, more, whole] = frame.dataset.words.split("|");
    for (const [sign, label, action] of [
      ["−", less, () => picture(frame).zoom(0.8)],
      ["+", more, () => picture(frame).zoom(1.25)],
      ["⤢", whole, () => (large() ? large().close() : wanted("enlarge", { frame, controls }).catch(() => {}))],
    ]) {
      const button = make("button", { title: label, ariaLabel: label, onclick: action }, sign);
      button.dataset.zoom = sign;
      bar.append(button);
    }
  };

  // --- the note ---------------------------------------------------------------------------------------------------

  let note;

  class Note {
    constructor(element, signal) {
      this.element = element;
      this.steps = all(".callpath-step", element);
      this.ids = this.steps.map((step) => one("h2", step).id);
      this.links = new Map(all(".callpath-path-steps a").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
      this.frame = one(".callpath-pane .callpath-picture", element);
      this.number = -1;
      this.held = false; // a step that was asked for stays at hand until the reader scrolls
      const listen = (target, type, action) => target.addEventListener(type, action, { signal, passive: true });
      for (const type of ["wheel", "touchmove", "pointerdown"]) listen(window, type, () => (this.held = false));
      listen(window, "hashchange", () => this.goTo(location.hash));
      listen(window, "resize", () => this.watch());
      requestAnimationFrame(() => signal.aborted || this.watch()); // earlier it would cost a layout
      const drawer = one("#__drawer");
      if (drawer) listen(drawer, "change", () => requestAnimationFrame(() => this.follow()));
      const pane = one(".callpath-pane", element);
      listen(pane, "toggle", () => this.frame && picture(this.frame).mark(this.ids[this.number]));
      if (element.dataset.code) later(() => this.offerCode());
      setTimeout(() => later(() => this.wake()), 2000); // the page itself comes first
      if (this.frame && wide.matches) later(() => picture(this.frame).mark(this.ids[this.number]), { timeout: 2000 });
      this.view(wide.matches && kept("view") === "code" ? "code" : "graph");
      if (this.frame) controls(this.frame, one(".callpath-tools", pane));
      pane.classList.add("callpath-ready");
      this.there(kept("there")).catch(() => {});
      if (location.hash) this.goTo(location.hash);
      else this.at(-1);
    }

    // The step at hand is the one that crosses a line a little below the header.
    watch() {
      this.observer?.disconnect();
      const line = (one(".md-header")?.offsetHeight ?? 0) + 60;
      const margin = `${-line}px 0px ${line + 1 - innerHeight}px`;
      const seen = (entries) => {
        if (this.held) return;
        const inside = entries.find((entry) => entry.isIntersecting);
        if (inside) this.at(this.steps.indexOf(inside.target));
        else if (this.steps[0].getBoundingClientRect().top > line) this.at(-1);
      };
      this.observer = new IntersectionObserver(seen, { rootMargin: margin });
      for (const step of this.steps) this.observer.observe(step);
    }

    // Boxes of far steps are for the start. Later they would make it a long task to go to one of the steps.
    wake() {
      const far = one(".callpath-far", this.element);
      if (!far) return;
      far.className = "";
      later(() => this.wake());
    }

    // A button at each step that comes near.
    offerCode() {
      const word = one("[data-view='code']", this.element).textContent;
      const near = new IntersectionObserver(
        (entries) => {
          for (const { isIntersecting, target } of entries) {
            if (!isIntersecting) continue;
            near.unobserve(target);
            one(".callpath-where", target).append(" ", make("button", { className: "callpath-code-link" }, word));
          }
        },
        { rootMargin: "400px" },
      );
      for (const step of this.steps) if (!step.matches(".callpath-codeless")) near.observe(step);
    }

    at(number) {
      if (number === this.number && number >= 0) return;
      this.steps[this.number]?.classList.remove("callpath-current");
      this.links.get(this.ids[this.number])?.removeAttribute("aria-current");
      this.number = number;
      const id = this.ids[number];
      this.steps[number]?.classList.add("callpath-current");
      const output = one(".callpath-progress output");
      if (output) output.textContent = number < 0 ? "–" : number + 1;
      this.rail(this.links.get(id));
      this.bar(number);
      if (pictures.has(this.frame)) picture(this.frame).mark(id);
      if (this.shown === "code") this.later("code", () => this.code(), 120);
      this.later("address", () => this.address(), 150);
    }

    // Small works that only the last of a row of steps needs.
    later(name, action, wait) {
      this.timers ??= {};
      clearTimeout(this.timers[name]);
      this.timers[name] = setTimeout(action, wait);
    }

    rail(link) {
      if (!link) return;
      link.setAttribute("aria-current", "step");
      if (wide.matches) this.follow(link);
    }

    // Keeps the step at hand in the rail's sight.
    follow(link = this.links.get(this.ids[this.number])) {
      if (!link) return;
      const list = one(".callpath-path-steps");
      const { top, bottom } = link.getBoundingClientRect();
      const frame = list.getBoundingClientRect();
      if (top < frame.top + 30 || bottom > frame.bottom - 30) {
        list.scrollTop += top - frame.top - frame.height / 2;
      }
    }

    bar(number) {
      const [previous, name, next] = one(".callpath-bar", this.element).children;
      const lead = (link, to) => {
        const id = this.ids[to];
        link.style.visibility = id ? "" : "hidden";
        link.href = `#${encodeURIComponent(id ?? "")}`;
      };
      lead(previous, number - 1);
      lead(next, number + 1);
      name.textContent = number < 0 ? "" : `${number + 1} / ${this.ids.length}`;
    }

    address() {
      if (!this.element.isConnected) return;
      const id = this.ids[this.number];
      const wanted = id ? `#${encodeURIComponent(id)}` : location.pathname + location.search;
      if (this.held || !id === !location.hash && location.hash === wanted) return;
      if (id || this.ids.includes(decodeURIComponent(location.hash.slice(1)))) history.replaceState(history.state, "", wanted);
    }

    goTo(hash) {
      this.held = false;
      if (!hash) return scrollTo(0, 0);
      const number = this.ids.indexOf(decodeURIComponent(hash.slice(1)));
      if (number >= 0) this.go(number, false);
    }

    // Shows a step, and says so in the address.
    go(number, told = true) {
      const id = this.ids[number];
      if (!id) return;
      this.held = true;
      this.at(number);
      this.settle(document.getElementById(id));
      if (told) history.replaceState(history.state, "", `#${encodeURIComponent(id)}`);
    }

    // What comes into sight is laid out only now, and may push the heading away again.
    settle(heading, times = 8) {
      heading.scrollIntoView();
      setTimeout(() => {
        if (times && this.held && this.ids[this.number] === heading.id) this.settle(heading, times - 1);
      }, 60);
    }

    step(by) {
      this.go(Math.max(0, this.number + by));
    }

    stepwise() {
      const on = this.element.classList.toggle("callpath-stepwise");
      one("[data-do='stepwise']")?.setAttribute("aria-pressed", on);
      this.step(0);
    }

    // The pane: the graph, or the code of the step at hand.
    view(name) {
      if (!one(`#callpath-${name}-view`, this.element)) return;
      this.shown = name;
      one(".callpath-pane", this.element).dataset.shown = name;
      for (const tab of all("[role='tab']", this.element)) {
        const chosen = tab.dataset.view === name;
        tab.setAttribute("aria-selected", chosen);
        tab.tabIndex = chosen - 1;
        one(`#callpath-${tab.dataset.view}-view`, this.element).hidden = !chosen;
      }
      if (name === "code") this.code();
    }

    // Of the version that is shown; of the note's own where that one has none.
    async text(number) {
      const { code, note: name } = this.element.dataset;
      const id = this.ids[number];
      if (!code || !id) return "";
      const at = this.version && callpathThere[`${name}@${this.version}`][id][1] ? `@${this.version}` : "";
      if (!at && this.steps[number].matches(".callpath-codeless")) return "";
      await load(new URL(`${code.slice(0, -1)}${at}/${encodeURIComponent(id)}.js`, location).href);
      return callpathCode[`${name}${at}#${id}`] ?? "";
    }

    // What became of every step in another version, if the note has that one; in none, if none is named.
    async there(wanted) {
      const buttons = all("[data-there]", this.element);
      const version = buttons.some((each) => each.dataset.there === wanted) ? wanted : "";
      this.wanted = wanted;
      if (version === (this.version ?? "")) return;
      const name = `${this.element.dataset.note}@${version}`;
      if (version) await load(new URL(`versions/${name.split("/").map(encodeURIComponent).join("/")}.js`, assets).href);
      if (this.wanted !== wanted) return; // another was chosen while this one came
      this.version = version;
      for (const open of all(".callpath-step .callpath-code", this.element)) open.remove();
      for (const each of buttons) each.ariaPressed = each.dataset.there === version;
      for (const [number, step] of this.steps.entries()) {
        one(".callpath-there", step)?.remove();
        if (!version) continue;
        const said = make("p", { className: "callpath-there", innerHTML: callpathThere[name][this.ids[number]][0] });
        one(".callpath-head", step).append(said);
      }
      if (this.shown === "code") this.code();
    }

    async code() {
      const { number } = this;
      const text = await this.text(Math.max(0, number)).catch(() => "");
      if (number !== this.number) return;
      const pane = one("#callpath-code-view", this.element);
      pane.innerHTML = text;
      pane.scrollTop = 0;
    }

    // On a narrow screen the code opens below its step.
    async unfold(button) {
      const step = button.closest(".callpath-step");
      const open = one(".callpath-code", step);
      button.setAttribute("aria-expanded", !open);
      if (open) return open.remove();
      const text = await this.text(this.steps.indexOf(step)).catch(() => "");
      one(".callpath-head", step).insertAdjacentHTML("afterend", text);
    }
  }

  // --- keys and clicks ------------------------------------------------------------------------------------------------------

  const actions = {
    next: () => note?.step(1),
    previous: () => note?.step(-1),
    stepwise: () => note?.stepwise(),
    pane: () => note?.view(note.shown === "code" ? "graph" : "code"),
    switch: () => wanted("switcher").catch(() => {}),
    help: () => wanted("help").catch(() => {}),
  };
  const keys = { j: "next", k: "previous", o: "stepwise", g: "pane", t: "switch", "?": "help" };

  const pressed = (event) => {
    const { key, target } = event;
    if (key === "Escape") names?.hide();
    if (event.defaultPrevented) return; // the theme has taken it
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k" && !one("dialog[open]")) {
      event.preventDefault();
      return actions.switch();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A field may be in a shadow tree, whose events name its host as their target.
    if (event.composedPath().some((each) => each.matches?.("dialog, input, textarea, select, [contenteditable]"))) return;
    if (note) note.held &&= !/^(Arrow|Page|Home|End| )/.test(key);
    const tabs = target.closest?.("[role='tablist']");
    if (tabs && /^Arrow(Left|Right)$/.test(key)) {
      actions.pane();
      return one("[aria-selected='true']", tabs).focus();
    }
    const stepwise = note?.element.classList.contains("callpath-stepwise");
    const action = (stepwise && { ArrowRight: "next", ArrowLeft: "previous" }[key]) || (!kept("no-keys") && keys[key]);
    if (!action) return;
    event.preventDefault();
    actions[action]();
  };
  // Asked last of all, so that what the theme takes is known: a listener that is added on the way comes after all others.
  addEventListener("keydown", () => addEventListener("keydown", pressed, { once: true }), true);

  document.addEventListener("click", ({ target, defaultPrevented }) => {
    names?.hide();
    if (defaultPrevented && (target.closest?.("a")?.pathname ?? path) !== path) path = undefined; // another comes
    const button = target.closest?.("[data-do], [data-view], [data-there], .callpath-code-link");
    const drawer = target.closest?.(".callpath-rail a") && one("#__drawer");
    if (drawer) drawer.checked = false;
    if (!button) return;
    const { do: action, view } = button.dataset;
    if (action) return actions[action]();
    if (button.dataset.there) {
      const version = button.ariaPressed === "true" ? "" : button.dataset.there;
      kept("there", version);
      return note?.there(version).catch(() => {});
    }
    if (view) {
      note?.view(view);
      return kept("view", view);
    }
    if (!wide.matches || !one(".md-header")) return note.unfold(button); // other themes have one column
    note.go(note.steps.indexOf(button.closest(".callpath-step")));
    note.view("code");
  });

  // --- pages --------------------------------------------------------------------------------------------------------------------

  // For the first link within a page Material fetches that page and draws it anew: it takes every address for
  // another page until it has shown one. The browser needs no help with such a link, so what tells Material of it
  // is kept back: the click, for Material leaves alone what has a target, and the move in the history.
  let path;
  const within = ({ target }) => {
    const link = target.closest?.("a[href*='#']");
    if (note && link?.host === location.host && link.pathname === path) link.target = "_self";
  };
  document.addEventListener("click", within, true);
  window.callpathMoved = (event) => {
    if (note && location.pathname === path) event.stopImmediatePropagation();
  };

  let page = new AbortController();
  const open = () => {
    names?.hide();
    page.abort();
    path = location.pathname;
    page = new AbortController();
    note?.observer?.disconnect();
    for (const link of others.splice(0)) link.rel = "alternate";
    const wanted = one(".callpath-rail");
    const marked = one(".callpath-wide"); // before the header, which stays when another page comes
    if (wanted && !marked) one(".md-header")?.before(make("div", { className: "callpath-wide", hidden: true }));
    if (!wanted) marked?.remove();
    const element = one(".callpath-note[data-note]");
    note = element && one(".callpath-step", element) ? new Note(element, page.signal) : null;
    for (const frame of all(".callpath-picture")) {
      if (note && frame === note.frame) continue;
      controls(frame, frame.previousElementSibling);
      picture(frame);
    }
    one(".md-search[role='dialog']")?.setAttribute("aria-label", one(".md-search__input")?.placeholder ?? "");
  };
  addEventListener("beforeprint", () => {
    for (const { svg, whole, coming } of all(".callpath-picture").map(picture)) {
      coming?.finish();
      svg.setAttribute("viewBox", `0 0 ${whole.w} ${whole.h}`);
    }
  });
  addEventListener("afterprint", () => all(".callpath-live").map(picture).forEach((each) => each.fit()));

  // Material shows the next page without loading it, and says so here, in the middle of a long task.
  if (window.document$) window.document$.subscribe(() => setTimeout(open));
  else open();
})();
