"use strict";
// All values are set as text, never as HTML: whatever stands in the tables is shown and not run.
const data = JSON.parse(document.getElementById("data").textContent);
const pairs = data.pairs;
const place = document.getElementById.bind(document);
const words = { yes: "yes", no: "no", unsure: "unsure" };
let at = 0;
let decisions = new Array(pairs.length).fill(null);
const order = [];

const store = "lantern-review-" + data.key;
try {
  const kept = JSON.parse(localStorage.getItem(store) || "null");
  if (Array.isArray(kept) && kept.length === pairs.length) {
    decisions = kept.map((word) => (word in words ? word : null));
    const open = decisions.indexOf(null);
    at = open < 0 ? 0 : open;
  }
} catch {
  // A page from a file may have no storage; decisions are then kept until it is closed.
}

function keep() {
  try {
    localStorage.setItem(store, JSON.stringify(decisions));
  } catch {
    // As above.
  }
}

// The parts of two texts, each with whether the other has it at that place.
function differences(a, b) {
  const [one, two] = [Array.from(a), Array.from(b)];
  if (one.length * two.length > 250000) return [[[a, a === b]], [[b, a === b]]];
  const width = two.length + 1;
  const longest = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = two.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        one[i] === two[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const parts = [[], []];
  const add = (side, letter, same) => {
    const last = parts[side][parts[side].length - 1];
    if (last && last[1] === same) last[0] += letter;
    else parts[side].push([letter, same]);
  };
  let [i, j] = [0, 0];
  while (i < one.length || j < two.length) {
    if (i < one.length && j < two.length && one[i] === two[j]) {
      add(0, one[i++], true);
      add(1, two[j++], true);
    } else if (j >= two.length || (i < one.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      add(0, one[i++], false);
    } else {
      add(1, two[j++], false);
    }
  }
  return parts;
}

// Signs that nobody sees, such as a zero-width space, are named: rows may differ in them alone. Joiners
// within letters and emoji stay.
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
function visible(text) {
  return text.replace(UNSEEN, (sign) => "\u27e8U+" + sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9");
}

function cell(parts) {
  const made = document.createElement("td");
  if (parts === null) {
    const none = document.createElement("span");
    none.className = "none";
    none.textContent = "missing";
    made.append(none);
    return made;
  }
  for (const [text, same] of parts) {
    if (same) made.append(visible(text));
    else {
      const marked = document.createElement("mark");
      marked.textContent = visible(text);
      made.append(marked);
    }
  }
  return made;
}

function show() {
  const pair = pairs[at];
  place("count").textContent = `Pair ${at + 1} of ${pairs.length}, confidence ${pair.confidence.toFixed(3)}`;
  place("sentence").textContent = visible(pair.sentence);
  const body = place("fields");
  body.replaceChildren();
  const heads = [[data.ids ? "id" : "row", pair.left_id ?? String(pair.left), pair.right_id ?? String(pair.right), ""]];
  heads.concat(pair.fields).forEach(([name, left, right, agreement], number) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    const [a, b] =
      left === null || right === null || number === 0
        ? [left === null ? null : [[left, true]], right === null ? null : [[right, true]]]
        : differences(left, right);
    const said = document.createElement("td");
    said.className = "agreement";
    said.textContent = agreement;
    row.append(head, cell(a), cell(b), said);
    body.append(row);
  });
  const decided = decisions.filter((word) => word !== null).length;
  place("done").max = pairs.length;
  place("done").value = decided;
  place("decided").textContent = `${decided} of ${pairs.length} decided`;
  for (const word of Object.keys(words)) place(word).classList.toggle("chosen", decisions[at] === word);
  Array.from(place("strip").children).forEach((square, number) => {
    square.className = (decisions[number] ?? "") + (number === at ? " here" : "");
  });
}

function go(to) {
  at = Math.max(0, Math.min(pairs.length - 1, to));
  show();
}

function decide(word) {
  order.push([at, decisions[at]]);
  decisions[at] = word;
  keep();
  const open = decisions.findIndex((other, number) => other === null && number > at);
  go(open >= 0 ? open : decisions.includes(null) ? decisions.indexOf(null) : at);
}

function undo() {
  const last = order.pop();
  if (!last) return;
  decisions[last[0]] = last[1];
  keep();
  go(last[0]);
}

function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save() {
  const head = data.ids ? ["left", "right", "left_id", "right_id", "decision"] : ["left", "right", "decision"];
  const lines = [head];
  pairs.forEach((pair, number) => {
    const word = decisions[number];
    if (word !== "yes" && word !== "no") return;
    const ids = data.ids ? [pair.left_id ?? "", pair.right_id ?? ""] : [];
    lines.push([String(pair.left), String(pair.right), ...ids, word]);
  });
  const text = lines.map((line) => line.map(quoted).join(",") + "\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "decisions.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const keys = {
  y: () => decide("yes"),
  n: () => decide("no"),
  u: () => decide("unsure"),
  z: undo,
  s: save,
  ArrowLeft: () => go(at - 1),
  ArrowRight: () => go(at + 1),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
for (const word of Object.keys(words)) place(word).addEventListener("click", () => decide(word));
place("undo").addEventListener("click", undo);
place("save").addEventListener("click", save);
pairs.forEach((_, number) => {
  const square = document.createElement("button");
  square.title = `pair ${number + 1}`;
  square.addEventListener("click", () => go(number));
  place("strip").append(square);
});
if (pairs.length > 0) show();
else place("count").textContent = "There is no pair to decide.";
