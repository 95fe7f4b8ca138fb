// A SAML provider that signs in whoever the test says. The test spoils the answer itself: it is a field in a form.
const { createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const express = require("express");
const samlp = require("samlp");

const [, , port, folder] = process.argv;
const read = (name) => readFileSync(`${folder}/${name}.pem`);
let who = { id: "nobody", claims: {} };
let options = {};

function profileMapper() {
  return {
    getClaims: () => who.claims,
    getNameIdentifier: () => ({ nameIdentifier: who.id }),
    metadata: [],
  };
}

const app = express();
app.post("/who", express.json(), (request, response) => {
  ({ who, options = {} } = request.body);
  response.end("ok");
});
app.get("/sso", (request, response, next) => {
  const settings = {
    issuer: options.issuer || `http://127.0.0.1:${port}/metadata`,
    cert: read("certificate"),
    key: read(options.key || "key"),
    audience: options.audience || "http://testserver/konto/saml/saml/metadata/",
    recipient: options.recipient || "http://testserver/konto/saml/saml/svar/",
    destination: "http://testserver/konto/saml/saml/svar/",
    lifetimeInSeconds: options.lifetime ?? 300,
    signatureAlgorithm: options.algorithm || "rsa-sha256",
    digestAlgorithm: "sha256",
    signResponse: Boolean(options.signResponse),
    // With a certificate of ours, a question without our signature is not answered; so too for encryption.
    ...(options.signedBy && { signingCert: read(`${options.signedBy}-certificate`) }),
    ...(options.encryptedFor && {
      encryptionPublicKey: createPublicKey(read(options.encryptedFor)).export({ type: "spki", format: "pem" }),
      encryptionCert: read(`${options.encryptedFor}-certificate`),
      encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
      keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    }),
    getPostURL: (wanted, dom, req, done) => done(null, "http://testserver/konto/saml/saml/svar/"),
    getUserFromRequest: () => who,
    profileMapper: () => profileMapper(),
  };
  if (options.unasked) {
    // An answer to nobody's question, as when a provider begins by itself.
    samlp.getSamlResponse(settings, who, (error, xml) =>
      error ? next(error) : response.send(`<input name="SAMLResponse" value="${Buffer.from(xml).toString("base64")}">`),
    );
  } else {
    samlp.auth(settings)(request, response, next);
  }
});
app.use((error, request, response, next) => response.status(400).send(error.message));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
