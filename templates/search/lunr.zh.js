// Chinese in the search of MkDocs' own theme. The script of this name that MkDocs sends wants a package of
// Node, and stops the search. Here a text has each pair of neighbouring characters and each character as words,
// a question only the pairs, so that 虚拟机 finds what has 虚拟 and 拟机; names are found whole and by their parts.
lunr.zh = function () {
  const pairs = (run) => Array.from({ length: run.length - 1 }, (_, place) => run.slice(place, place + 2));
  const chinese = /\p{Script=Han}+/gu;
  const trimmed = (word) => word.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, "");
  const names = (word) => word.replace(chinese, " ").split(/\s+/).map(trimmed).filter(Boolean);
  const parts = (name) => [...new Set([name, ...name.split(/[^\p{L}\p{N}]+/u)])].filter(Boolean);
  const inText = (word) => [...names(word).flatMap(parts), ...(word.match(chinese) ?? []).flatMap((run) => [...pairs(run), ...run])];
  const asked = (word) => [...names(word), ...(word.match(chinese) ?? []).flatMap((run) => (run.length > 1 ? pairs(run) : [run]))];

  const question = (token) => asked(token.toString()).map((word) => token.clone(() => word));
  lunr.Pipeline.registerFunction(question, "zh");
  this.pipeline.reset();
  this.searchPipeline.reset();
  this.searchPipeline.add(question);
  this.tokenizer = (text, metadata) => {
    const words = Array.isArray(text) ? text : String(text ?? "").split(lunr.tokenizer.separator);
    return words.flatMap((word) => inText(String(word).toLowerCase())).map((word) => new lunr.Token(word, { ...metadata }));
  };
};
