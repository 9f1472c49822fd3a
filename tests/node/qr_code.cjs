// Reads a PNG picture from standard input; writes the text of the QR code that jsQR finds.
"use strict";
const { readFileSync } = require("node:fs");
const jsQR = require("jsqr");
const { PNG } = require("pngjs");

const { data, width, height } = PNG.sync.read(readFileSync(0));
const found = jsQR(new Uint8ClampedArray(data), width, height);
process.stdout.write(found ? found.data : "");
