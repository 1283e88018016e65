// The filter: words that all have to hold of a case. `parse` reads them, `matcher` says whether a case is meant.

const KEYS = ["level", "party", "path", "section", "http", "servers", "changed", "any", "all"];

// The terms of a filter: what they are about, what that has to be, and whether it is the other way round.
function parse(text) {
  const found = text.match(/-?(?:[^\s:"]+:)?(?:"[^"]*"?|[^\s"]+)/g) ?? [];
  return found.map((word) => {
    const [, not, key, value] = word.match(/^(-?)(?:([^\s:"]+):)?(.*)$/s);
    return { not: not === "-", key: (key ?? "").toLowerCase(), value: value.replaceAll('"', "").toLowerCase() };
  });
}

// A function that says whether a case passes, and the sentence about what is not understood, if there is such.
// A case is { text, clause, path, held: [{ target, version, verdict, was }] }.
function matcher(text, targets) {
  const terms = parse(text);
  const versions = terms.filter((term) => term.key === "http" && !term.not).map((term) => term.value);
  const known = (key) => targets.filter((target) => target.toLowerCase().startsWith(key));
  const strange = terms.find(({ key }) => key && !KEYS.includes(key) && known(key).length === 0);
  const about = (one) => {
    const held = one.held.filter((result) => versions.length === 0 || versions.includes(String(result.version)));
    return held.length > 0 && terms.every((term) => holds(term, one, held, known) !== term.not);
  };
  return { about, trouble: strange ? `There is no server, and no key, ${strange.key}.` : "" };
}

function holds({ key, value }, one, held, known) {
  const isOneOf = (result) => value.split(",").some((verdict) => verdict && style(result.verdict).startsWith(style(verdict)));
  switch (key) {
    case "":
      return one.text.includes(value);
    case "level":
    case "party":
      return (one.clause?.[key] ?? "").startsWith(value);
    case "path":
      return one.path.startsWith(value.replaceAll(".", "/").replace(/^\//, ""));
    case "section":
      return (one.clause?.section ?? "").toLowerCase().includes(value);
    case "http":
      return held.some((result) => String(result.version) === value);
    case "servers":
      return (new Set(held.map((result) => result.verdict)).size > 1) === "differ".startsWith(value.replace(/s$/, ""));
    case "changed":
      return held.some((result) => result.was) === "yes".startsWith(value);
    case "any":
      return held.some(isOneOf);
    case "all":
      return held.every(isOneOf);
    default:
      return held.some((result) => known(key).includes(result.target) && isOneOf(result));
  }
}

function style(verdict) {
  return verdict.replaceAll(" ", "-");
}
