/*
 * The quick switcher and the table of keys, loaded when one is asked for. `callpathShared` is what the script of
 * every page lends.
 */
(({ make, data, kept, visit, root }) => {
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
    const table = make("table");
    for (const [keys, said] of strings.key_meanings) {
      const pressed = keys.flatMap((key) => [" ", make("kbd", {}, key)]);
      table.append(make("tr", {}, make("td", {}, ...pressed), make("td", {}, said)));
    }
    const box = make("input", { type: "checkbox", checked: !kept("no-keys") });
    box.onchange = () => kept("no-keys", box.checked ? "" : "1");
    dialog(strings.keys, make("h2", {}, strings.keys), table, make("label", {}, box, " ", strings.single_keys));
  };

  window.callpathDialogs = { switcher, help };
})(window.callpathShared);
