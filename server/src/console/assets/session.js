// What a signed-in person saw is gone when the session is: in every window of this browser when one
// of them signs out, and in a page that stays open past the session's life. Needs no connection.

const LEFT = "left";
const windows = new BroadcastChannel("toruk-session");

function clear() {
  document.title = "";
  document.body.replaceChildren();
}

windows.addEventListener("message", ({ data }) => {
  if (data !== LEFT) return;
  clear();
  location.replace("/console/sign-in");
});

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", () => windows.postMessage(LEFT));
}

// The server says whether there is a session after all: a page that follows an auction prolongs it.
setTimeout(() => {
  clear();
  location.reload();
}, Number(document.body.dataset.sessionS) * 1000);
