// An OpenID Connect provider that signs in whoever the test says, and spoils the token as the test says.
const { createServer } = require("node:http");

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
let who = { sub: "nobody" };
let spoil = "";
let earlier = "";

(async () => {
  const { default: Provider } = await import("oidc-provider");
  const { exportJWK, generateKeyPair, SignJWT, decodeJwt, UnsecuredJWT } = await import("jose");
  const ours = await generateKeyPair("RS256", { extractable: true });
  const foreign = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(ours.privateKey)), kid: "k1", alg: "RS256", use: "sig" };

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "netvaerk",
        client_secret: "a-secret-of-some-length-0123456789",
        redirect_uris: ["http://testserver/konto/sso/oidc/svar/"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    jwks: { keys: [jwk] },
    conformIdTokenClaims: false,
    claims: { openid: ["sub", "email", "email_verified", "employee_number", "groups", "CprNumberIdentifier"] },
    scopes: ["openid", "profile", "email"],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["test"] },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ ...who, sub: id }) }),
  });

  async function spoiled(token) {
    const claims = decodeJwt(token);
    const signed = (changes, key = ours.privateKey) =>
      new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(key);
    const now = Math.floor(Date.now() / 1000);
    const ways = {
      audience: () => signed({ aud: "another" }),
      issuer: () => signed({ iss: "http://127.0.0.1:1" }),
      expired: () => signed({ iat: now - 7200, exp: now - 3600 }),
      unsigned: () => new UnsecuredJWT(claims).encode(),
      foreign: () => signed({}, foreign.privateKey),
      shared: () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "HS256", kid: "k1" })
          .sign(new TextEncoder().encode("a-secret-of-some-length-0123456789")),
      altered: () => {
        const [head, , signature] = token.split(".");
        const body = Buffer.from(JSON.stringify({ ...claims, sub: "admin", email: "hr@x.invalid" }));
        return [head, body.toString("base64url"), signature].join(".");
      },
      missing: () => undefined,
      early: () => signed({ iat: now, nbf: now + 3600, exp: now + 7200 }),
      party: () => signed({ aud: ["netvaerk", "another"], azp: "another" }),
      nonce: () => signed({ nonce: "another" }),
      nonceless: () => signed({ nonce: undefined }),
      earlier: () => earlier, // a good token, made for the sign-in before
    };
    return ways[spoil]();
  }

  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== "token" || !ctx.body?.id_token) return;
    if (spoil) ctx.body = { ...ctx.body, id_token: await spoiled(ctx.body.id_token) };
    else earlier = ctx.body.id_token;
  });

  const answer = provider.callback();
  createServer(async (request, response) => {
    if (request.url === "/who") {
      let body = "";
      for await (const part of request) body += part;
      ({ who, spoil = "" } = JSON.parse(body));
      response.end("ok");
    } else if (request.url.startsWith("/interaction/")) {
      const { prompt, params, session } = await provider.interactionDetails(request, response);
      if (prompt.name === "login") {
        await provider.interactionFinished(request, response, { login: { accountId: who.sub } });
      } else {
        const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
        grant.addOIDCScope("openid profile email");
        await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
      }
    } else {
      answer(request, response);
    }
  }).listen(port, "127.0.0.1", () => console.log("ready"));
})();
