// Reads a JSON list of Key URIs from standard input; writes what each package makes of them.
"use strict";
const { readFileSync } = require("node:fs");
const otpauth = require("otpauth");
const urlOtpauth = require("url-otpauth");

const readers = {
  otpauth(uri) {
    const { issuer, label, secret, algorithm, digits, period } = otpauth.URI.parse(uri);
    return { issuer, account: label, secret: secret.base32, algorithm, digits, period };
  },
  "url-otpauth"(uri) {
    const { issuer, account, key, algorithm, digits, period } = urlOtpauth.parse(uri);
    return { issuer, account, secret: key, algorithm, digits, period };
  },
};
const read = (uri) =>
  Object.fromEntries(Object.entries(readers).map(([name, reader]) => [name, reader(uri)]));
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0)).map(read)));
