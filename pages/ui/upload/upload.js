// A place to choose files or drop them, and what becomes of each. Streamlit calls this again at every change of data,
// language or theme; the same nodes stay where they are.

export default function upload(component) {
  const { data, parentElement, setStateValue } = component;
  const box = parentElement.querySelector(".upload")?.uploadBox ?? makeBox(parentElement);
  box.calls += 1;
  Object.assign(box, { view: data, words: { strings: data.strings, language: data.language } });
  box.tell = (files) => setStateValue("files", JSON.stringify(files));
  drawBox(box);
  const call = box.calls;
  return () => {
    if (box.calls === call) closeBox(box);
  };
}

function makeBox(parent) {
  const input = make("input", { type: "file", class: "visually-hidden", id: "files" });
  const label = make("span", { class: "label", id: "label" });
  const choose = make("label", { class: "choose", for: "files" });
  const hint = make("span", { class: "hint", id: "hint" });
  const drop = make("div", { class: "drop" }, input, choose, hint);
  const list = make("ul", { class: "files" });
  const notice = make("p", { class: "notice", role: "status", hidden: "" });
  const root = make("div", { class: "upload" }, label, drop, list, notice);
  setAttributes(input, { "aria-labelledby": "label", "aria-describedby": "hint" });
  const box = { root, input, label, choose, hint, drop, list, notice, entries: [], calls: 0, view: null, words: null };
  root.uploadBox = box;
  input.addEventListener("change", () => {
    takeFiles(box, [...input.files]);
    input.value = "";
  });
  takeDrops(box);
  parent.append(root);
  return box;
}

function takeDrops(box) {
  const mark = (isOver) => (event) => {
    event.preventDefault();
    box.drop.classList.toggle("is-over", isOver);
  };
  box.drop.addEventListener("dragover", mark(true));
  box.drop.addEventListener("dragleave", mark(false));
  box.drop.addEventListener("drop", (event) => {
    mark(false)(event);
    takeFiles(box, [...event.dataTransfer.files]);
  });
}

function closeBox(box) {
  for (const entry of box.entries) entry.sending?.abort();
  box.root.remove();
}

// Where one file is asked for, another one takes its place.
function takeFiles(box, files) {
  const { words } = box;
  const { most, limit } = box.view;
  if (most === 1 && files.length) box.entries.slice().forEach((entry) => dropEntry(box, entry));
  const room = most - box.entries.length;
  box.tooMany = files.length > room;
  for (const file of files.slice(0, room)) {
    const entry = { file, share: 0, token: null, error: "", sending: null };
    if (file.size > limit) {
      const sizes = { size: byteSize(words, file.size), limit: byteSize(words, limit) };
      entry.error = say(
        words,
        "This file has {size}; at most {limit} may be uploaded now. Whoever starts the server can open its folder.",
        sizes,
      );
    }
    box.entries.push(entry);
  }
  drawBox(box);
  sendNext(box);
}

async function sendNext(box) {
  if (box.entries.some((entry) => entry.sending)) return;
  const entry = box.entries.find((one) => !one.token && !one.error);
  if (!entry) return;
  entry.sending = sendFile(box.view, box.words, entry.file, (share) => {
    entry.share = share;
    drawBox(box);
  });
  drawBox(box);
  try {
    Object.assign(entry, { token: (await entry.sending.sent).token, share: 1 });
  } catch (error) {
    entry.error = error.message;
  }
  entry.sending = null;
  if (!box.root.isConnected) return;
  if (entry.token && !box.entries.includes(entry)) discardFile(box.view, entry.token);
  else if (entry.token) tellUploaded(box);
  drawBox(box);
  sendNext(box);
}

function dropEntry(box, entry) {
  box.entries = box.entries.filter((one) => one !== entry);
  box.tooMany = false;
  entry.sending?.abort();
  if (entry.token) {
    discardFile(box.view, entry.token);
    tellUploaded(box);
  }
  drawBox(box);
}

function tellUploaded(box) {
  const done = box.entries.filter((entry) => entry.token);
  box.tell(done.map(({ token, file }) => ({ token, name: file.name.slice(0, 1000), size: file.size })));
}

function drawBox(box) {
  const { view, words } = box;
  setText(box.label, view.label);
  const size = byteSize(words, view.limit);
  const isOne = view.most === 1;
  setText(box.choose, isOne ? say(words, "Choose a file") : say(words, "Choose files"));
  setText(
    box.hint,
    isOne
      ? say(words, "or drop it here · at most {size}", { size })
      : say(words, "or drop them here · at most {size} each", { size }),
  );
  setAttributes(box.input, { multiple: view.most > 1 ? "" : null });
  setAttributes(box.root, { lang: words.language });
  box.notice.hidden = !box.tooMany;
  setText(box.notice, say(words, "{count} files are enough: the others were not taken.", { count: view.most }));
  const rows = pool(box.list, box.entries.length, () => makeRow(box));
  box.entries.forEach((entry, index) => drawRow(box, rows[index], entry));
}

function makeRow(box) {
  const name = make("span", { class: "name" });
  const said = make("span", { class: "said" });
  const bar = make("progress", { max: 1 });
  const button = make("button", { type: "button" });
  const row = make("li", {}, name, said, button, bar);
  Object.assign(row, { parts: { name, said, bar, button } });
  button.addEventListener("click", () => dropEntry(box, row.entry));
  return row;
}

function drawRow(box, row, entry) {
  const { words } = box;
  const { name, said, bar, button } = row.parts;
  row.entry = entry;
  setText(name, entry.file.name);
  setText(said, stateOf(words, entry));
  setText(button, entry.sending ? say(words, "Cancel") : say(words, "Remove"));
  setAttributes(button, { "aria-label": `${button.textContent} · ${entry.file.name}` });
  setAttributes(bar, { value: entry.share, "aria-label": entry.file.name });
  bar.hidden = !entry.sending;
  setAttributes(row, { "data-state": entry.error ? "failed" : entry.token ? "uploaded" : "sending" });
  setAttributes(said, { role: entry.error ? "alert" : null });
}

function stateOf(words, entry) {
  if (entry.error) return entry.error;
  const size = byteSize(words, entry.file.size);
  if (entry.token) return `${size} · ${say(words, "uploaded")}`;
  if (!entry.sending) return say(words, "waiting");
  return say(words, "{share} of {size}", { share: percent(entry.share), size });
}
