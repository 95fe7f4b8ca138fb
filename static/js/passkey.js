// Ties the buttons that use a passkey to allauth's functions. The buttons stay hidden where they cannot work.
(() => {
  if (!window.PublicKeyCredential) return;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    window.allauth.webauthn.forms[button.dataset.passkey]({
      ids: {
        add: button.id,
        authenticate: button.id,
        login: button.id,
        credential: button.dataset.credential,
        passwordless: button.dataset.passwordless,
        data: "passkey-data",
      },
    });
    button.hidden = false;
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const notice = document.getElementById("passkey-error");
    if (notice) notice.hidden = false;
  });
})();
