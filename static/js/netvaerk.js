// Starts the parts of the design system a page uses. Every page also works without this file.

const start = (selector, begin) => document.querySelectorAll(selector).forEach(begin);

start(".form-limit", (element) => {
  const { left, over } = element.dataset;
  new DKFDS.CharacterLimit(element, {
    character_remaining: left,
    characters_remaining: left,
    character_too_many: over,
    characters_too_many: over,
  }).init();
});
start(".js-checkbox-toggle-content", (element) => new DKFDS.CheckboxToggleContent(element).init());
start(".js-radio-toggle-group", (element) => new DKFDS.RadioToggleGroup(element).init());
start("table.table--responsive-headers", (element) => new DKFDS.ResponsiveTable(element));
new DKFDS.ErrorSummary(document.querySelector(".error-summary")).init();

// On a phone the menu folds behind a button; without JavaScript the links simply stand there.
const toggle = document.querySelector(".site-nav-toggle");
if (toggle) {
  const menu = document.getElementById(toggle.getAttribute("aria-controls"));
  const show = (open) => {
    menu.classList.toggle("is-open", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => show(!menu.classList.contains("is-open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.classList.contains("is-open")) {
      show(false);
      toggle.focus();
    }
  });
}

// A secret address is copied by a click into the field that holds it.
start(".copy-field", (field) => field.addEventListener("focus", () => field.select()));
