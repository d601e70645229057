// Sends one file after the other, each as the plain body of a request, and can be told to stop.

// Send a file; resolves to {token, size}, rejects with a sentence.
function sendFile(view, words, file, onShare) {
  const request = new XMLHttpRequest();
  const sent = new Promise((resolve, reject) => {
    request.open("POST", view.address);
    request.setRequestHeader(view.header, "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onShare(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      const answer = readAnswer(request.responseText);
      if (request.status === 201 && answer) resolve(answer);
      else reject(new Error(answer ? sayError(words, answer) : say(words, "The connection broke off. Try again.")));
    };
    request.onerror = () => reject(new Error(say(words, "The connection broke off. Try again.")));
    request.onabort = () => reject(new Error(""));
    request.send(file);
  });
  return { sent, abort: () => request.abort() };
}

function readAnswer(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The server need not keep what is not wanted any more.
function discardFile(view, token) {
  fetch(`${view.address}/${token}`, { method: "DELETE", headers: { [view.header]: "1" } }).catch(() => {});
}

function byteSize(words, bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${new Intl.NumberFormat(words.language, { maximumSignificantDigits: 3 }).format(size)} ${units[unit]}`;
}
