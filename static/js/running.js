// Counts the minutes on, and follows the meeting to its next point. The page says all of it without this file.

const MINUTE = 60_000;
const screen = document.querySelector(".running");
// The server's clock, whatever this machine believes.
const ahead = new Date(screen.dataset.now) - new Date();

const say = (left) => {
  const remaining = new Date(left.dataset.ends) - (Date.now() + ahead);
  const { one, many, none, overOne, overMany } = left.dataset;
  const words = (minutes, single, several) => (minutes === 1 ? single : several.replace("#", minutes));
  let text = none;
  if (remaining > 0) text = words(Math.ceil(remaining / MINUTE), one, many);
  else if (remaining <= -MINUTE) text = words(Math.floor(-remaining / MINUTE), overOne, overMany);
  if (left.textContent !== text) left.textContent = text;
};
const count = () => screen.querySelectorAll(".running-left").forEach(say);

// Someone reading in a fold, or about to press a button, is told instead of moved.
const isBusy = () => screen.querySelector("details[open]") || screen.contains(document.activeElement);

const follow = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(screen.dataset.standing, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { version } = await answer.json();
    if (String(version) === screen.dataset.version) return;
    if (isBusy()) screen.querySelector(".running-moved").hidden = false;
    else location.reload();
  } catch {
    // Without a connection the screen stays as it is, and asks again.
  }
};

count();
setInterval(count, 5_000);
setInterval(follow, 10_000);
document.addEventListener("visibilitychange", follow);
