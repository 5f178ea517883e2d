// SPDX-License-Identifier: Apache-2.0
// Where an app's layers end up in flash, to scale; those that another app has too stand out.
import type { Layer, Manifest } from "../api/manifest";
import { bytesText } from "./values";

const KIB = 1024;
const MIB = 1024 * KIB;

/** What apps may use of each medium: core/src/hardware.cpp. */
const MEDIA: Record<string, Record<Layer["medium"], number>> = {
  stm32u585: { internal: MIB, external: 1792 * KIB },
  "mps2-an505": { internal: 2 * MIB, external: 1792 * KIB },
  large: { internal: 64 * MIB, external: 16 * MIB },
};

const NAMES = { internal: "Internal flash", external: "External flash" };

function capacity(manifest: Manifest, medium: Layer["medium"]): number {
  const known = MEDIA[manifest.hardwareType || "stm32u585"]?.[medium] ?? 0;
  const used = manifest.layers
    .filter((layer) => layer.medium === medium)
    .map((layer) => layer.start + layer.size);
  return Math.max(known, ...used);
}

const hexText = (value: number) => `0x${value.toString(16).padStart(6, "0")}`;

function Medium({
  manifest,
  medium,
  shared,
}: {
  manifest: Manifest;
  medium: Layer["medium"];
  shared: Set<string>;
}) {
  const total = capacity(manifest, medium);
  const layers = manifest.layers
    .map((layer, index) => ({ ...layer, number: index + 1 }))
    .filter((layer) => layer.medium === medium)
    .sort((a, b) => a.start - b.start);
  const used = layers.reduce((sum, layer) => sum + (layer.plaintextSize || layer.size), 0);
  return (
    <figure className="medium">
      <figcaption>
        <strong>{NAMES[medium]}</strong>
        <span className="quiet-text">
          {layers.length === 0 ? "nothing" : bytesText(used)} of {bytesText(total)}
        </span>
      </figcaption>
      <div className="flash-bar" aria-hidden="true">
        {layers.map((layer) => (
          <div
            key={layer.number}
            className={`flash-layer${shared.has(layer.fetchHash) ? " shared" : ""}${layer.encryptedWith ? " encrypted" : ""}`}
            style={{ left: `${(layer.start / total) * 100}%`, width: `${(layer.size / total) * 100}%` }}
            title={`Layer ${layer.number}: ${bytesText(layer.plaintextSize || layer.size)} at ${hexText(layer.start)}`}
          >
            <i
              style={{ width: `${Math.min(100, ((layer.plaintextSize || layer.size) / layer.size) * 100)}%` }}
            />
            <span>{layer.number}</span>
          </div>
        ))}
      </div>
      <div className="flash-scale" aria-hidden="true">
        <span>{hexText(0)}</span>
        <span>{hexText(total)}</span>
      </div>
    </figure>
  );
}

/** `compared`: another app's manifest, whose layers are looked for in this one. */
export function FlashMap({ manifest, compared }: { manifest: Manifest; compared: Manifest | undefined }) {
  const shared = new Set(compared?.layers.map((layer) => layer.fetchHash));
  const some = (test: (layer: Layer) => boolean) => manifest.layers.some(test);
  return (
    <div className="flash-map">
      <Medium manifest={manifest} medium="internal" shared={shared} />
      <Medium manifest={manifest} medium="external" shared={shared} />
      <ul className="legend">
        <li>
          <i className="key layer" /> layer; pale: the rest of its placement, which is filled with 0xff
        </li>
        {compared && (
          <li>
            <i className="key shared" /> layer that both have: a device with one fetches it only once
          </li>
        )}
        {some((layer) => layer.encryptedWith !== null) && (
          <li>
            <i className="key encrypted" /> encrypted
          </li>
        )}
      </ul>
      <div className="table-frame" tabIndex={0} role="region" aria-label="Table of layers">
        <table aria-label="Layers">
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Placement</th>
              <th scope="col" className="numeric">
                Size
              </th>
              <th scope="col" className="numeric">
                Download
              </th>
              <th scope="col">SHA-256</th>
              <th scope="col">Encrypted with</th>
            </tr>
          </thead>
          <tbody>
            {manifest.layers.map((layer, index) => (
              <tr key={index}>
                <td data-name="Layer">
                  {index + 1} {shared.has(layer.fetchHash) && <span className="badge shared">shared</span>}
                </td>
                <td data-name="Placement" className="nowrap">
                  {layer.medium} <span className="mono">{hexText(layer.start)}</span> +{" "}
                  {bytesText(layer.size)}
                </td>
                <td data-name="Size" className="numeric">
                  {layer.plaintextSize ? bytesText(layer.plaintextSize) : "–"}
                </td>
                <td data-name="Download" className="numeric">
                  {layer.fetchSize ? bytesText(layer.fetchSize) : "–"}
                </td>
                <td data-name="SHA-256">
                  <span className="mono" title={layer.fetchHash}>
                    {layer.fetchHash.slice(0, 16)}…
                  </span>
                </td>
                <td data-name="Encrypted with">
                  {layer.encryptedWith ? <span className="mono">{layer.encryptedWith}</span> : "in clear"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
