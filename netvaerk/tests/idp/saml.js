// A SAML provider that signs in whoever the test says. The test spoils the answer itself: it is a field in a form.
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
  samlp.auth({
    issuer: `http://127.0.0.1:${port}/metadata`,
    cert: read("certificate"),
    key: read(options.key || "key"),
    audience: options.audience || "http://testserver/konto/saml/saml/metadata/",
    recipient: options.recipient || "http://testserver/konto/saml/saml/svar/",
    destination: "http://testserver/konto/saml/saml/svar/",
    lifetimeInSeconds: options.lifetime ?? 300,
    signatureAlgorithm: "rsa-sha256",
    digestAlgorithm: "sha256",
    signResponse: Boolean(options.signResponse),
    getPostURL: (wanted, dom, req, done) => done(null, "http://testserver/konto/saml/saml/svar/"),
    getUserFromRequest: () => who,
    profileMapper: () => profileMapper(),
  })(request, response, next);
});
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
