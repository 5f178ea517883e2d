// SPDX-License-Identifier: Apache-2.0
// Reads a manifest to draw it (docs/spec/manifest.md). The cloud has verified it; nothing here decides anything.

export interface Layer {
  medium: "internal" | "external";
  start: number;
  size: number;
  encryptedWith: string | null;
  fetchHash: string;
  plaintextSize: number;
  fetchSize: number;
}

export interface Manifest {
  layers: Layer[];
  appVersion: string;
  hardwareType: string;
  securityCounter: number;
  debuggable: boolean;
  politenessSec: number | null;
  checkInSec: number | null;
  trial: { readyRequired: boolean; windowSec: number; crashesAllowed: number } | null;
}

type Value = bigint | Uint8Array;
type Fields = Map<number, Value[]>;

/** The fields of one protobuf message: varints as bigint, the rest as bytes. */
function parse(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error("the manifest is cut short");
  };
  const slice = (length: number) => {
    if (at + length > bytes.length) throw new Error("the manifest is cut short");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const kind = key & 7;
    let value: Value;
    if (kind === 0) value = varint();
    else if (kind === 1) value = slice(8);
    else if (kind === 2) value = slice(Number(varint()));
    else if (kind === 5) value = slice(4);
    else throw new Error("the manifest has a field of unknown form");
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

const last = (fields: Fields, number: number) => fields.get(number)?.at(-1);
const numberOf = (fields: Fields, field: number) => {
  const value = last(fields, field);
  return typeof value === "bigint" ? Number(value) : 0;
};
const bytesOf = (fields: Fields, field: number) => {
  const value = last(fields, field);
  return value instanceof Uint8Array ? value : new Uint8Array();
};
const messageOf = (fields: Fields, field: number) =>
  fields.has(field) ? parse(bytesOf(fields, field)) : null;
const textOf = (fields: Fields, field: number) => new TextDecoder().decode(bytesOf(fields, field));
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function layerOf(bytes: Uint8Array): Layer {
  const fields = parse(bytes);
  const target = messageOf(fields, 1) ?? new Map();
  const internal = messageOf(target, 1);
  const place = internal ?? messageOf(target, 2) ?? new Map();
  const key = last(fields, 2);
  return {
    medium: internal ? "internal" : "external",
    start: numberOf(place, 1),
    size: numberOf(place, 2),
    encryptedWith: typeof key === "bigint" && key !== 0n ? key.toString(16).padStart(16, "0") : null,
    fetchHash: hex(bytesOf(fields, 3)),
    plaintextSize: numberOf(fields, 100),
    fetchSize: numberOf(fields, 101),
  };
}

/** `encoded` is `encoded_bytes` of an App's manifest. Throws when it is none. */
export function readManifest(encoded: string): Manifest {
  const opaque = parse(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  const body = parse(bytesOf(opaque, 2));
  const debug = messageOf(body, 2);
  const update = messageOf(body, 4);
  const connectivity = messageOf(body, 5);
  const trial = messageOf(body, 103);
  return {
    layers: (body.get(1) ?? []).map((layer) => layerOf(layer as Uint8Array)),
    appVersion: textOf(body, 100),
    hardwareType: textOf(body, 101),
    securityCounter: numberOf(body, 102),
    debuggable: debug !== null && bytesOf(debug, 2).length > 0,
    politenessSec: update?.has(1) ? numberOf(update, 1) : null,
    checkInSec: connectivity?.has(2) ? numberOf(connectivity, 2) : null,
    trial: trial && {
      readyRequired: numberOf(trial, 1) !== 0,
      windowSec: numberOf(trial, 2) || 30,
      crashesAllowed: numberOf(trial, 3),
    },
  };
}
