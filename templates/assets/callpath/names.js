/*
 * What readers want of a name: a preview of its symbol where it stands, the quick switcher to any name, the
 * table of keys; and the large view of a picture. callpath.js loads this script when the first of them is wanted,
 * and says what it needs.
 */
window.callpathNames = ({ assets, root, one, make, kept, href, visit, load }) => {
  // --- data: what is known of each symbol, by the addresses of its page and its steps --------------

  let byAddress, byName;
  const data = async () => {
    await load(new URL("symbols.js", assets).href);
    if (!byAddress) {
      byAddress = new Map();
      byName = new Map();
      for (const row of callpathData.symbols) {
        const [name, kind, place, signature, said, page, ...steps] = row;
        const symbol = { name, kind, place, signature, said, page: new URL(page, root).href };
        byAddress.set(symbol.page, symbol);
        for (const step of steps) byAddress.set(new URL(step, root).href, symbol);
        byName.set(name, byName.has(name) ? null : symbol); // a name of two symbols says nothing
      }
    }
    return callpathData;
  };

  // --- previews ---------------------------------------------------------------------------------------

  const preview = make("div", { className: "callpath-preview", id: "callpath-preview", role: "tooltip" });
  preview.popover = "manual";
  let timer, shownFor, shownAt;

  const hide = () => {
    clearTimeout(timer);
    if (!shownFor) return;
    preview.hidePopover();
    shownFor.removeAttribute("aria-describedby");
    if (shownFor.dataset.title) shownFor.title = shownFor.dataset.title;
    shownFor = null;
  };
  const show = (target, content, at = target.getBoundingClientRect()) => {
    hide();
    shownFor = target;
    shownAt = target.getBoundingClientRect().top;
    if (target.title) [target.dataset.title, target.title] = [target.title, ""];
    target.setAttribute("aria-describedby", preview.id);
    preview.replaceChildren(...content);
    document.body.append(preview);
    preview.showPopover();
    const { offsetWidth: width, offsetHeight: height } = preview;
    const below = at.bottom + 6 + height < innerHeight;
    preview.style.left = `${Math.max(4, Math.min(at.left, innerWidth - width - 8))}px`;
    preview.style.top = `${below ? at.bottom + 6 : Math.max(4, at.top - height - 6)}px`;
  };
  const MOST_NAMES = 12; // of a file
  const described = (symbol) => [
    make("code", {}, symbol.signature || symbol.name),
    make("small", {}, symbol.place),
    ...(symbol.said ? [make("span", {}, symbol.said)] : []),
    make("a", { href: symbol.page }, callpathData.strings.symbol_page),
  ];
  const symbolOf = (target) => {
    if (target.href === undefined) return byName.get(target.textContent.replace(/\(\)$/, ""));
    // A link into the source itself says which symbol it leads into.
    return byAddress.get(new URL(target.dataset.callpath ?? href(target), location).href);
  };
  // What a link to a whole file of the source shows: the symbols that the file's page has.
  const fileShown = ({ dataset }) => {
    if (!dataset.callpath) return;
    const page = new URL(dataset.callpath, location).href;
    const inside = page.replace(/(\/|\.html)$/, "/");
    const symbols = [...new Set(byAddress.values())].filter((symbol) => symbol.page.startsWith(inside));
    const names = symbols.slice(0, MOST_NAMES).map(({ name }) => name);
    return symbols.length && [
      make("code", {}, symbols[0].place.replace(/:\d+$/, "")),
      make("span", {}, names.join(", ") + (symbols.length > MOST_NAMES ? ", …" : "")),
      make("a", { href: page }, callpathData.strings.file_page),
    ];
  };
  const consider = (event) => {
    const target = event.target.closest?.(
      ".md-content a, .callpath-path-steps a, .callpath-fullscreen a, .md-typeset code, [role='main'] :is(a, code)",
    );
    if (preview.contains(event.target) || target === shownFor) return clearTimeout(timer);
    clearTimeout(timer);
    const edge = event.target.closest?.(".callpath-hit");
    if (edge) return void (timer = setTimeout(() => proof(edge, event), 80));
    timer = setTimeout(shownFor ? hide : () => {}, 250);
    if (!target || (target.matches("code") && target.closest("pre"))) return;
    const link = target.closest("a") ?? target;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      await data().catch(() => {});
      const symbol = byAddress && symbolOf(link);
      const shown = symbol ? described(symbol) : byAddress && fileShown(link);
      if (shown && link.isConnected) show(link, shown);
      else hide();
    }, event.type === "focusin" ? 400 : 180);
  };
  // How a step is reached stands at the step itself.
  const proof = (edge, event) => {
    const step = document.getElementById(edge.dataset.target);
    const reach = step && one(".callpath-reach", step.parentElement);
    if (!reach) return;
    const { clientX: x, clientY: y } = event;
    const text = make("span", {}, make("code", {}, one("code", step).textContent), " ");
    text.append(...reach.cloneNode(true).childNodes);
    show(edge, [text], { left: x, top: y - 4, bottom: y + 4 });
  };
  // One that is only on its way stays: the pointer may still be over the name, and says so if it is not.
  // So does one whose name stays where it is, while the browser makes room above it.
  const left = () => shownFor && Math.abs(shownFor.getBoundingClientRect().top - shownAt) > 20;
  document.addEventListener("scroll", () => left() && hide(), { passive: true });

  // --- dialogs -----------------------------------------------------------------------------------------------------------

  const dialog = (label, ...content) => {
    const made = make("dialog", { className: "callpath-dialog", ariaLabel: label }, ...content);
    made.onclose = () => made.remove();
    made.addEventListener("click", ({ target }) => target === made && made.close());
    document.body.append(made);
    made.showModal();
    return made;
  };

  // How well a name fits what was typed: smaller is better, nothing when it does not.
  const rank = (name, typed) => {
    const [low, place] = [name.toLowerCase(), name.toLowerCase().indexOf(typed)];
    if (place === 0) return low.length - typed.length;
    if (place > 0) return (low[place - 1].match(/[a-z0-9]/) ? 200 : 100) + low.length;
    let from = -1;
    for (const letter of typed) if ((from = low.indexOf(letter, from + 1)) < 0) return undefined;
    return 300 + low.length;
  };

  const switcher = async () => {
    const { strings, pages, symbols } = await data();
    const entries = [
      ...pages.map(([name, page]) => ({ name, said: strings.note, page })),
      ...symbols.map(([name, kind, place, , , page]) => ({ name, said: `${strings.kinds[kind]} · ${place}`, page })),
    ];
    const list = make("ul", { role: "listbox", id: "callpath-found", ariaLabel: strings.switch_title });
    const label = strings.switch_title;
    const input = make("input", { role: "combobox", placeholder: label, ariaLabel: label, ariaExpanded: true, autocomplete: "off" });
    input.setAttribute("aria-controls", list.id);
    let chosen = 0;
    const choose = (number) => {
      chosen = (number + list.children.length) % list.children.length || 0;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", place === chosen));
      input.setAttribute("aria-activedescendant", list.children[chosen]?.id ?? "");
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
    };
    const fill = () => {
      const typed = input.value.trim().toLowerCase();
      const found = entries
        .map((entry) => ({ entry, score: rank(entry.name, typed) }))
        .filter(({ score }) => score !== undefined)
        .sort((a, b) => typed && a.score - b.score)
        .slice(0, 40);
      list.replaceChildren(
        ...found.map(({ entry }, number) => {
          const item = make("li", { role: "option", id: `callpath-found-${number}` }, make("code", {}, entry.name));
          item.append(make("small", {}, entry.said));
          item.onclick = () => open(entry);
          item.entry = entry;
          return item;
        }),
      );
      choose(0);
    };
    const box = dialog(label, input, list);
    const open = (entry) => {
      box.close();
      visit(new URL(entry.page, root).href);
    };
    input.oninput = fill;
    input.onkeydown = (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) choose(chosen + by);
      else if (event.key === "Enter" && !event.isComposing) list.children[chosen] && open(list.children[chosen].entry);
      else return;
      event.preventDefault();
    };
    fill();
  };

  const help = async () => {
    const { strings } = await data();
    const others = one("#mkdocs_keyboard_modal"); // MkDocs' own theme opens its table with the same key
    const taken = others ? ["/", "?"] : one("meta[name='generator'][content^='zensical']") ? ["Ctrl+K"] : [];
    const table = make("table");
    for (const [named, said] of strings.key_meanings) {
      const keys = named.filter((key) => !taken.includes(key));
      if (!keys.length) continue;
      const pressed = keys.flatMap((key) => [" ", make("kbd", {}, key)]);
      table.append(make("tr", {}, make("td", {}, ...pressed), make("td", {}, said)));
    }
    const box = make("input", { type: "checkbox", checked: !kept("no-keys") });
    box.onchange = () => kept("no-keys", box.checked ? "" : "1");
    const content = [make(others ? "h5" : "h2", {}, strings.keys), table, make("label", {}, box, " ", strings.single_keys)];
    if (!others) return dialog(strings.keys, ...content);
    if (!one(".callpath-keys", others)) one(".modal-body", others).append(make("section", { className: "callpath-keys" }, ...content));
    bootstrap.Modal.getOrCreateInstance(others).show();
  };

  // --- the large view of a picture ------------------------------------------------------------------

  const enlarge = ({ frame, controls }) => {
    if (one("dialog[open]")) return; // the button was pressed twice while this script came
    const place = document.createComment("");
    const bar = make("p", { className: "callpath-tools" });
    frame.replaceWith(place);
    const large = make("dialog", { className: "callpath-fullscreen" }, bar, frame);
    document.body.append(large);
    controls(frame, bar);
    large.onclose = () => {
      place.replaceWith(frame);
      large.remove();
    };
    large.showModal();
  };

  return { hide, consider, switcher, help, enlarge };
};
